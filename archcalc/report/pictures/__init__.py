"""Pictures: the graph, receptive fields, networks beside each other."""
