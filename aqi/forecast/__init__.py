"""Forecasts of concentrations for the next days, each shown with the skill that it has shown.

Pure: arrays in, arrays out. ``models.py`` is where to start.
"""
