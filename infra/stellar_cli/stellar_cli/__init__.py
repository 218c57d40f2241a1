"""The ``stellar`` command: the one place that knows every part of the project and puts them together."""
