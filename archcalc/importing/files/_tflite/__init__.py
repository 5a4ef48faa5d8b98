"""Files of TensorFlow Lite: their operators become operations of PyTorch, and these become layers."""
