"""The Telegram edge: what people write and press becomes calls into core, answers become messages."""
