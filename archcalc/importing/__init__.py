"""Other ways into the graph than a spec: one folder each."""
