"""Text to audio: prepared, synthesised once, cached."""
