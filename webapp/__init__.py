"""HTTP and WebSocket edge: translates requests into calls of `core`."""
