"""Doors of the hall: its front page, where to speak without a phone, rules, opinions on the hall itself."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import redirect, session
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy.exc import IntegrityError
from wtforms import StringField, TextAreaField

from app import clock
from app.faces.community.matters import glimpses
from app.faces.community.poll_cards import card_of
from app.faces.doors import Door
from app.faces.look import say
from app.faces.pages import page
from app.faces.visitor import actor, remember_mine
from app.flow.collect import actions, ideas, listening, queries, rules
from app.flow.collect.public_lists import moving
from app.flow.collect.rules import Saying
from app.flow.decide.showing import running_polls
from app.flow.evaluate.queries import done_matters
from app.flow.triage.effective import lists
from app.flow.triage.lists import WAY_LABELS
from app.matter.actions import find_matter
from app.matter.house import house
from app.matter.situation import Stage
from app.people.permissions import Permission
from app.people.secrets import new_tracking_code
from app.records.front import next_sitting
from tenants.database import db, uuid7
from tenants.hosts import site_url

#: How many coming days of listening the page of places shows.
COMING = 6
#: What leads the front page when several matters are open: the vote first, then the table, then what is announced.
LEADS = (Stage.VOTING, Stage.DELIBERATING, Stage.SCHEDULED)
VENUE_ICONS = {
    "room": "house-heart", "collection_point": "shop", "letterbox": "mailbox", "pavilion": "house-door", "tree": "tree",
    "doorway": "door-open", "day": "calendar-heart",
}  # fmt: skip


class FeedbackForm(FlaskForm):
    """What people think of the hall itself."""

    words = TextAreaField(_l("您的意见"))
    phone = StringField(_l("电话"))


def home() -> str:
    """Place and mood first, one big action, then what is open, what is coming, what got done, where to speak."""
    rows = moving(7)
    rows.sort(key=lambda row: LEADS.index(Stage(row[0].stage)) if row[0].stage in LEADS else len(LEADS))
    shown = glimpses(rows, clock.now(), house().calendar)
    vote = next((card_of(one, clock.now()) for one in running_polls(1)), None)
    if vote:
        # The running vote leads the page, so its matter is not told a second time below.
        shown = [None, *(row for row in shown if row["id"] != vote["matter_id"])]
    places, running = ideas.venues_and_call(clock.today(), venues=6)
    return page(
        "hall/home.html", lead=shown[0] if shown else None, vote=vote, moving=shown[1:4],
        coming=next_sitting(clock.now()),
        finished=done_matters(5), venues=places, venue_icons=VENUE_ICONS, running=running,
    )  # fmt: skip


def venues() -> str:
    """Everywhere somebody listens."""
    coming = listening.soonest(clock.now(), COMING)
    return page("hall/venues.html", venues=queries.venues(), venue_icons=VENUE_ICONS, listening=coming)


def charter() -> str:
    """How matters go in this hall, in plain words."""
    return page("hall/charter.html", known=lists(), ways=WAY_LABELS)


def feedback() -> str:
    """The form for opinions on the hall itself."""
    session["feedback"] = (str(uuid7()), new_tracking_code())
    return page("hall/feedback.html", form=FeedbackForm(formdata=None))


def feedback_send() -> Any:
    """An opinion becomes a proposal of the category feedback, with number and code like everything said here."""
    form = FeedbackForm()
    fine = form.validate()
    saying = Saying(
        words=form.words.data or "", phone=form.phone.data or "", place=_("议事厅"), category="feedback",
        title=rules.short_title(form.words.data or "")[: rules.TITLE],
    )  # fmt: skip
    for name, verdict in rules.problems(saying, year=clock.today().year).items():
        field = form.phone if name == "phone" else form.words
        field.errors = [*field.errors, say(verdict.reason, verdict.values)]
        fine = False
    if not fine:
        return page("hall/feedback.html", form=form), 422
    return _keep_feedback(saying)


def _keep_feedback(saying: Saying) -> Any:
    """Hand it in once, however often the button was pressed: id and code were fixed when the form was shown."""
    kept, code = session.get("feedback") or (str(uuid7()), new_tracking_code())
    matter_id = UUID(kept)
    if find_matter(matter_id) is None:
        try:
            actions.submit(saying, by=actor(), now=clock.now(), matter_id=matter_id, code=code)
            db.session.flush()
        except IntegrityError:
            db.session.rollback()
            if find_matter(matter_id) is None:
                raise
    remember_mine(matter_id)
    session["codes"] = [(kept, code), *(c for c in session.get("codes", []) if c[0] != kept)][:3]
    return redirect(site_url("community.say_receipt", matter_id=matter_id), 303)


DOORS: list[Door] = [
    Door("GET", "/", home, Permission.ANYONE_ENTER),
    Door("GET", "/places", venues, Permission.ANYONE_ENTER),
    Door("GET", "/charter", charter, Permission.ANYONE_ENTER),
    Door("GET", "/feedback", feedback, Permission.ANYONE_ENTER),
    Door("POST", "/feedback", feedback_send, Permission.ANYONE_SUBMIT, limit="10 per 10 minutes"),
]
