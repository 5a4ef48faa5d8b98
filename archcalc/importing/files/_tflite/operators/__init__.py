"""What the operators of TensorFlow Lite do, one file for each family."""
