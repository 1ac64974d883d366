"""Forecasts of the air of stations and regions, made from their hours, kept in the store."""
