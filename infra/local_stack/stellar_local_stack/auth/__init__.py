"""A token issuer for development: what an identity provider is elsewhere, for this machine alone.

- ``keys``    the signing keys, in the user's own folder
- ``tokens``  access tokens with roles
- ``sign_in`` the authorization code flow of the web page, with PKCE
- ``issuer``  OIDC discovery, the public keys and the sign-in, over HTTP on loopback
- ``cli``     ``stellar auth serve``, ``token``, ``code``, ``rotate``
"""
