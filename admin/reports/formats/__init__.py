"""Formats of reports, a file each; `rendering.py` chooses."""
