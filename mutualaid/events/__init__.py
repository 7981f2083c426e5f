"""What happened: an append-only history of ids, verbs and numbers."""
