"""Alerts in the hub: follows the journal, finds what is wrong, and hands it to the registry."""
