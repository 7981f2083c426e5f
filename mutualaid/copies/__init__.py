"""Copies of what the database holds: backups, and a network that moves to another installation."""
