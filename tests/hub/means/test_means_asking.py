"""Means asked for, from a store."""
