"""Models of Keras: what one is, however it was given, and the spec that is written of it."""
