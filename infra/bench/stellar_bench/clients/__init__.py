"""One client a protocol. Each speaks its wire and nothing else, and says whether an answer was right."""
