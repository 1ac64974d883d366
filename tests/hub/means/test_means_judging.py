"""Sites and settings as rolling up needs them."""
