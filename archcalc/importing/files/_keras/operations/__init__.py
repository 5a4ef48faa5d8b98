"""The operations of ``keras.ops`` in functional models: a file for each family, found by being there."""
