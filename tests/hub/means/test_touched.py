"""Which hours and days are to be made anew."""
