"""What goes wrong around a registry, each a sentence for people.

Tests: tests/store/registry/test_registry_weather.py.
"""

from __future__ import annotations


class RegistryUnavailable(Exception):
    """The registry cannot be used now: locked, full, gone, too new, or its key is missing."""


class SecretsUnreadable(RegistryUnavailable):
    """One secret does not open: its bytes were changed. The rest of the registry is well."""


class Conflict(Exception):
    """Somebody else changed it meanwhile, or it is over: read it anew. Nothing was changed."""
