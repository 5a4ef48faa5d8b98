"""Networks in pasted code of PyTorch: what its modules and functions do, without PyTorch."""
