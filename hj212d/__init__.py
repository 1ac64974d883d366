"""Receiving platform for HJ 212 environmental telemetry; see `docs/architecture.md`."""

__version__ = "0.1.0"
