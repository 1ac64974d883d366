"""Hours made of sums."""
