"""From a catalogue to a model that can be served: read, clean, split, train, evaluate, calibrate, export.

Plain functions with a thin command line (``cli``) over them; whatever schedules the steps calls the same functions.
"""
