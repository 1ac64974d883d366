"""Means in the hub: rolled up as hours end, recomputed where data arrive late, and asked for."""
