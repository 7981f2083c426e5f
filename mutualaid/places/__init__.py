"""Places: areas and cells."""
