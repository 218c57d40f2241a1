"""Catalogues as astronomers have them: one reader for all formats, by the columns' usual names."""
