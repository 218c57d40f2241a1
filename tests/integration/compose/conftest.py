from tests.support.kafka import apache

__all__ = ["apache"]
