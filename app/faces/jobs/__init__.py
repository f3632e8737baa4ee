"""The clock's face: what a worker runs, and what comes round by itself."""
