"""Maps of concentrations and of the index: interpolated in a plane, scored, masked, drawn."""
