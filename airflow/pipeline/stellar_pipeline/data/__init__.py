"""Catalogues: read, fetched, split and made up."""
