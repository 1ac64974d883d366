"""Configuration: one table of keys, read once into frozen objects that are passed in."""
