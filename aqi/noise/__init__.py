"""Noise: energy means, percentile levels, day and night, limits of zones (GB 3096, GB 12348)."""
