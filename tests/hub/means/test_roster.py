"""Which stations there are, and who of them has changed."""
