"""The operators' desk: what admins do, and what support sees of it."""
