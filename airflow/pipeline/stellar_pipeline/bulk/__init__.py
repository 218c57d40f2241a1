"""Whole catalogues classified: files in, files out, in bounded memory."""
