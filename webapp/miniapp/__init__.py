"""The Mini App: one shell, and pages as HTML fragments that are fetched with the caller's token."""
