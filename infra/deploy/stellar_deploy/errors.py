"""What goes wrong while deploying."""


class DeployError(Exception):
    """A deployment that did not come to its end; the message says why, and what to do."""
