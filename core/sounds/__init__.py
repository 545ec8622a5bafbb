"""Sounds: what streamers upload, and what comes built in."""
