"""Coordinates that instruments report, for approval."""
