"""Emergency plans: which fit an incident, and which must be looked at again. Pure."""
