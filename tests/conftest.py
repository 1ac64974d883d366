"""Puts this folder on the import path, so that all tests can share the helpers here."""
