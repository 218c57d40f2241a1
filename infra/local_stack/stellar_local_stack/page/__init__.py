"""Serves the web page on this machine: the built files of ``frontend/``, its addresses, and the Kafka stream as events.

- ``built_files``  files of the build, compressed and cached; the page itself with a fresh nonce
- ``headers``      what browsers are told to refuse
- ``origin``       calls that change something come from the page alone
- ``live``         the stream as server-sent events, and the feed of synthetic objects
- ``app``          all of these as one ASGI application
- ``cli``          ``stellar page``
"""
