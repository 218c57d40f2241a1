from support.kafka import apache

__all__ = ["apache"]
