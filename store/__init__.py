"""Time series behind one small interface (DuckDB). Imports nothing else of this project."""
