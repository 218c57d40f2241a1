"""A first look at a catalogue.

``figures`` draws it, ``gallery`` puts the figures on one page, ``commands`` is ``stellar explore``.
"""
