"""From recorded operations to layers: what archcalc knows of each, and the roles of the axes."""
