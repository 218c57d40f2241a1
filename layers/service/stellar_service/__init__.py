"""What the functions and the gRPC server share beyond the model."""
