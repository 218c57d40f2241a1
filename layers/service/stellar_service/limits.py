"""Limits that every protocol has in common."""

MAX_OBJECTS = 10_000
"""Objects that one request may have classified. Streams and topics have no such limit."""
