"""Tells people by the clock what the platform knows, once each, whatever was restarted when."""
