"""The ports of a stack on one machine, from which every default address follows. ``stellar up`` can be told others."""

HTTP = 3000
LAMBDA = 3001
S3 = 4566
GRPC = 50051
KAFKA = 9092
PAGE = 5174
METRICS = 9464
AUTH = 8181
MLFLOW = 5000
AIRFLOW = 8080


def address(port: int) -> str:
    """``HOST:PORT`` on this machine."""
    return f"127.0.0.1:{port}"


def url(port: int) -> str:
    """The address with its scheme."""
    return f"http://{address(port)}"
