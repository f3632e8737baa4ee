"""The program for a web server: ``wsgi:app``."""

import gc

# Two thousand modules make much and throw little away: looking for garbage among them costs a start half a second.
gc.disable()

from app import create_app  # noqa: E402

app = create_app()

# What is there now stays as long as the program; never looking at it again keeps its memory shared between workers.
gc.freeze()
gc.enable()
