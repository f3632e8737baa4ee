"""What the main pages cost, measured on the real program: ``python -m tests.bench`` (``./run bench``)."""
