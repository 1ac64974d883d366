"""Bulletins: AQI of each hour and day and the daily ranking, published once, corrected as such.

Built on `hj212d/hub/quality/` (what is said) and the registry's book (what was said).
"""
