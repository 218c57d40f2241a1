"""The resources of a template, and what of them can run: functions, layers, event sources, nested stacks."""
