"""Incidents: what alarms come to, who is told of it and when. Nothing is detected or sent here."""
