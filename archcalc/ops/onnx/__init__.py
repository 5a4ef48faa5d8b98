"""What ops use to write their nodes of ONNX. It is imported where a file is written, and not before."""
