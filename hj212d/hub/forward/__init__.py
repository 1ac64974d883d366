"""Targets that received frames go to."""
