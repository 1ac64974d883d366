"""Pure functions over readings: averages, AQI, composite index, ranking."""
