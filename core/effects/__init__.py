"""What is to be heard, in which order, and what gives way."""
