"""Doors of the hall: say it in three short steps, without an account and without JavaScript.

Each step is a page of its own (``say_what``, ``say_where``, ``say_check``); the answers wait in a draft on the server
(``drafts``), so going back, a refused form or a lost connection loses nothing. Staff use the same three steps to write
down what somebody tells them (代录).
"""

from __future__ import annotations

from app.faces.community.say_check import say_check, say_hand_in, say_receipt
from app.faces.community.say_what import say, say_photo, say_what
from app.faces.community.say_where import say_place, say_where
from app.faces.doors import Door
from app.people.permissions import Permission

DOORS: list[Door] = [
    Door("GET", "/say", say, Permission.ANYONE_SUBMIT),
    Door("POST", "/say", say_what, Permission.ANYONE_SUBMIT, limit="30 per 10 minutes"),
    Door("GET", "/say/where", say_where, Permission.ANYONE_SUBMIT),
    Door("POST", "/say/where", say_place, Permission.ANYONE_SUBMIT, limit="30 per 10 minutes"),
    Door("GET", "/say/check", say_check, Permission.ANYONE_SUBMIT),
    Door("POST", "/say/check", say_hand_in, Permission.ANYONE_SUBMIT, limit="20 per 10 minutes"),
    Door("GET", "/say/receipts/<uuid:matter_id>", say_receipt, Permission.ANYONE_SUBMIT),
    Door("GET", "/say/photos/<uuid:photo_id>", say_photo, Permission.ANYONE_SUBMIT),
]
