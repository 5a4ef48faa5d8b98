"""Looking for the values of each ``?`` of a network: the search, and the designs that it finds."""
