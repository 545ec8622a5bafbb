"""A Bot API server of our own: what the bot meets in tests, over real HTTP."""
