"""What people decide about readings: sites, reviews, events, limits."""
