"""What processes share through Redis for seconds or minutes; each can do without it for a while."""
