"""What files of TensorFlow Lite begin with: where the format names itself, and how."""

MAGIC_AT, MAGIC = 4, b"TFL3"
