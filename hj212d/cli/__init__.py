"""The command line: parses words, calls rooms, prints tables. The composition root."""
