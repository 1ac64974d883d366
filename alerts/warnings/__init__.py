"""Heavy-pollution warnings by the forecast: tables of levels, windows of 24 h, signals. Pure."""
