"""What the index that matching reads (nearby) holds: open posts by place, and behind it all that they are sifted by."""

SOUGHT_BY = ("network_id", "kind", "category_id", "measure_cell", "created_at", "id")
SIFTED_BY = (
    "person_id",
    "area_id",
    "state",
    "paused_at",
    "intake",
    "travel",
    "reach_km",
    "times",
    "from_day",
    "until_day",
    "interpreter",
    "language_bits",
    "trait_bits",
    "uncovered",
    "stock_left",
)
