"""Notices: what is owed to whom, written with the change it tells of and sent by the worker."""
