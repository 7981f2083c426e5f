"""How fast it is, and how well it matches, measured on made data: `make bench`."""
