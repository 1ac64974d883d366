"""Frames of the journal to other platforms, each target with a place of its own."""
