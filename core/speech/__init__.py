"""Text to speech: what may be said, which voice says it, which engine makes it, and where it is kept."""
