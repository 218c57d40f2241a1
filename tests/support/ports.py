"""Free ports of this machine."""

from stellar_local_stack.ports import free_ports

__all__ = ["free_ports"]
