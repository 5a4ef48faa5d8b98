"""What each command shows: its tables, their folding, and what stands below them."""
