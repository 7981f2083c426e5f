"""Who may be matched (rules), how matches are ranked and explained (ranking), from which rows (candidates)."""
