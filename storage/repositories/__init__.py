"""Queries, one module a subject. Only `core` calls them."""
