"""Telegram edge: translates chat into calls of `core`."""
