"""Kafka's side of a mapping: group membership, positions, offsets, security."""
