"""Marks of people that count."""
