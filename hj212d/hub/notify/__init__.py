"""Sends what stands in the outbox, a channel beside the other."""
