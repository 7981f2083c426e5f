"""The indexes behind the lists of the desk, each in its order: urgent first, then new.

What a list asks for stands behind the order, even what is the same in all its rows: SQLite reads an index alone only
where it holds every column that is asked for. Whatever was let go of stands at the head, in an index of its own.
The list of one area has one too: in those of the whole network its posts stand far apart.
"""

IN_LINE = ("urgency", "created_at", "id")
SIFTED_BY = ("area_id", "category_id", "language_bits")
WAITING = ("taken_in_at", "asked_still_at", "state", "intake", "paused_at", "uncovered")
WAITS = "state = 'open' AND kind = 'need' AND intake IS NULL AND paused_at IS NULL AND uncovered > 0"
LISTS = (
    (
        "ix_post_listed",
        ("network_id", "kind", *IN_LINE, "state", "front_at", *SIFTED_BY),
        "state = 'open' AND front_at IS NULL",
    ),
    (
        "ix_post_waiting",
        ("network_id", *IN_LINE, "kind", "front_at", *WAITING, *SIFTED_BY),
        f"{WAITS} AND front_at IS NULL",
    ),
    (
        "ix_post_unread",
        ("network_id", *IN_LINE, "kind", "front_at", *WAITING, *SIFTED_BY),
        f"{WAITS} AND front_at IS NULL AND taken_in_at IS NULL",
    ),
    (
        "ix_post_of_area",
        ("network_id", "area_id", "kind", *IN_LINE, "front_at", *WAITING, *SIFTED_BY[1:]),
        "state = 'open' AND front_at IS NULL",
    ),
    (
        "ix_post_front",
        ("network_id", "kind", "front_at", *IN_LINE, *WAITING, *SIFTED_BY),
        "state = 'open' AND front_at IS NOT NULL",
    ),
    ("ix_post_asked", ("network_id", "created_at"), f"{WAITS} AND asked_still_at IS NOT NULL"),
    (
        "ix_post_intake",
        ("network_id", "intake_until", "created_at", "id", "urgency", "state", "intake", *SIFTED_BY),
        "state = 'open' AND intake IS NOT NULL",
    ),
)
