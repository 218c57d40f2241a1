"""Template files as plain data, with the line of everything in them."""
