"""What is done with each property of the resource types that run here: it is done, warned of, or refused.

``tables`` has a line for every property; ``check`` warns of those that a template uses and nothing here heeds;
``page`` writes the tables as the page ``docs/template-properties.md``.
"""
