"""Integrations of REST APIs that are no proxies: mapping templates around a function, and mocks.

Mirrors "Mapping templates for REST APIs" and "Mock integrations" in the API Gateway Developer Guide. ``velocity``
renders the templates by airspeed, ``variables`` has what they may refer to, ``mapped`` answers requests by them.
"""
