"""Questions of analysis: roses, patterns, shares of primary pollutants, calendars, trends.

Asks means and AQI for rows, counts with `aqi/analysis/`; draws nothing and keeps nothing.
"""
