"""The doors of an invited expert: the letter, the answer, the one matter, the opinion. No other page is reachable."""

from __future__ import annotations

from app.faces.doors import Door
from app.faces.guest import letter, work
from app.people.permissions import Permission

GUEST = Permission.GUEST_ANSWER
DOORS: list[Door] = [
    Door("GET", "/x", work.desk, GUEST, name="desk", writes_on_get=True),
    Door("POST", "/x/code", letter.type_code, GUEST, name="code", limit="20 per hour"),
    # The script saves every few seconds while somebody writes; an evening of that is no attack.
    Door("POST", "/x/draft", work.keep_draft, GUEST, name="draft", limit="240 per 10 minutes"),
    Door("POST", "/x/opinion", work.hand_in, GUEST, name="opinion", limit="60 per hour"),
    Door("POST", "/x/sign-in", work.sign_in, GUEST, name="sign_in", limit="20 per hour"),
    Door("GET", "/x/<uuid:invitation_id>/pictures/<uuid:picture_id>", work.picture, GUEST, name="picture"),
    Door("GET", "/x/<string:token>", letter.letter, GUEST, name="letter", writes_on_get=True),
    Door("POST", "/x/<string:token>/acceptance", letter.accept, GUEST, name="acceptance", limit="20 per hour"),
    Door("POST", "/x/<string:token>/refusal", letter.decline, GUEST, name="refusal", limit="20 per hour"),
    Door("POST", "/x/<string:token>/fresh-link", letter.ask_again, GUEST, name="fresh_link", limit="5 per hour"),
]
