"""Means of readings, pure: hours of sums, days of hours, longer periods of days.

Knows no store and no clock; tables in, tables out.
"""
