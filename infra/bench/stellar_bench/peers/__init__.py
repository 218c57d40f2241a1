"""Others that serve models or functions, measured beside this project: same machine, same model, same objects."""
