"""A token issuer for development: what an identity provider is elsewhere, for this machine alone.

- ``keys``    the signing keys, in the user's own folder
- ``tokens``  access tokens with roles
- ``issuer``  OIDC discovery and the public keys, over HTTP on loopback
- ``cli``     ``stellar auth serve``, ``token``, ``rotate``
"""
