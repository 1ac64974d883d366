"""Roses, patterns, shares, calendars and trends of values that are already means."""
