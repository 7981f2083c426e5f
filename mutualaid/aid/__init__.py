"""The core: needs, offers, matches."""
