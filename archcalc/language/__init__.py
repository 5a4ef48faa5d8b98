"""From text to a graph: characters, tokens, the syntax tree, and its expansion."""
