"""Several processes: who listens for whom, and how sockets elsewhere hear it."""
