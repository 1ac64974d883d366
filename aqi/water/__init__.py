"""Surface water: classes, quality, standard index, trophic state (GB 3838-2002)."""
