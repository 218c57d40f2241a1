"""TLS for this machine: an authority that is made once, and what it signs.

- ``authority`` keys and certificates, in the user's own folder
- ``cli``       ``stellar tls``
"""
