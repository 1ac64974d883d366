"""Rules that judge stations. Presence is the first: when is a station online?"""
