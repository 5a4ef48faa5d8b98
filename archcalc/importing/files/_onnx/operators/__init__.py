"""The rules of ONNX's operators: one file a family, found by being there."""
