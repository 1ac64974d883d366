"""Completeness: what should be there, what is there, and gaps that fill themselves."""
