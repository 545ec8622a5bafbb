"""One module a group of calls."""
