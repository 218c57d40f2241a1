"""The classifier over gRPC: a long-lived server on the same layer as the functions.

- ``contract``    messages and service, compiled from ``proto/star_classification.proto``
- ``converters``  messages to rows, predictions to messages
- ``batcher``     what arrives together is classified together
- ``service``     the four calls; ``streaming`` is the one that streams
- ``statuses``    errors as gRPC statuses with details
- ``server``      ports, TLS, health, reflection, drain; usable from other programs
- ``workers``     several server processes on one port
- ``cli``         ``stellar grpc``
"""
