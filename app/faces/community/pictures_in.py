"""Photos that came with a form: drawn anew and stored, all of them or none."""

from __future__ import annotations

from app.faces.pictures import MOST as MOST
from app.faces.pictures import pictures_sent as pictures_sent
