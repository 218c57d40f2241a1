"""The model: features, training, calibration, evaluation and its ONNX graph."""
