"""The sheet of a poll in a voter's hands: where the visitor stands, the form with its questions, what was chosen."""

from __future__ import annotations

from functools import cached_property
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField

from app.errors import Missing
from app.faces.choosing import RadioField
from app.faces.community import poll_words as words
from app.faces.community.sight import viewer_of
from app.faces.visitor import visitor
from app.flow.collect.queries import is_told, sensitivity_of
from app.flow.decide import poll_queries as queries
from app.flow.decide.choices import choices_of
from app.flow.decide.models import Ballot, Poll, RollEntry
from app.matter.actions import find_matter
from app.matter.models import Matter
from app.matter.sight import Part, may_see
from app.words import N_
from tenants.hosts import site_url

GONE = N_("没有这次表决。")


class Sheet(FlaskForm):  # type: ignore[misc]
    """What travels with a sheet besides its answers: how often this voter has changed their mind."""

    seq = HiddenField()


class Standing:
    """One poll, its questions and where the visitor stands; raises ``Missing`` for outsiders."""

    def __init__(self, poll_id: UUID) -> None:
        found = queries.find_poll(poll_id)
        if found is None:
            raise Missing(GONE)
        me = visitor()
        self.poll: Poll = found
        self.line: RollEntry | None = queries.my_line(found, me.id) if me else None
        # Whoever is asked to decide reads what is decided; of a private matter nobody else even learns of the vote.
        if self.line is None and not may_see(Part.RESULT, viewer_of(self.matter), sensitivity_of(self.matter)):
            raise Missing(GONE)
        self.questions: list[Ballot] = queries.questions_of(poll_id)

    @cached_property
    def matter(self) -> Matter:
        """What the poll is about; a vote that is only taken in does not read it."""
        found = find_matter(self.poll.matter_id)
        if found is None:
            raise Missing(GONE)
        return found

    @property
    def is_open_matter(self) -> bool:
        """Whether the matter's own page stands in public."""
        return is_told(self.matter)

    @property
    def has_cast(self) -> bool:
        """Whether the visitor's ballot is in, by whichever way."""
        return self.line is not None and bool(self.line.channel)

    @property
    def recorded(self) -> dict[UUID, str]:
        """What stands on record for the visitor; a secret poll records nothing of the kind."""
        if self.poll.mode == "secret" or self.line is None or not self.line.channel:
            return {}
        return queries.my_choices(self.poll, self.line)

    @property
    def where(self) -> str:
        """Whose ballot it is, as the roll knows it: the home, where a home is one voice."""
        if self.line is None:
            return ""
        return self.line.place or (self.line.name if self.poll.body == "households" else "")

    @property
    def next_seq(self) -> int:
        """The number under which this voter's next change of mind is kept."""
        if self.poll.mode == "secret" or self.line is None:
            return 1
        return queries.last_seq(self.poll, self.line) + 1


def field_of(ballot: Ballot) -> str:
    """The name of a question's field on the sheet."""
    return f"q{ballot.position}"


def sheet(questions: list[Ballot], **kept: Any) -> Any:
    """The form of one poll: a field a question, nothing chosen beforehand."""
    fields = {
        field_of(ballot): RadioField(
            _("第 %(n)s 问", n=ballot.position) if len(questions) > 1 else _("您的选择"),
            choices=[(key, words.label_of(ballot, key)) for key in choices_of(ballot)], validate_choice=False,
        )
        for ballot in questions
    }  # fmt: skip
    return type("PollSheet", (Sheet,), fields)(**kept)


def shown(stand: Standing, on_roll: int) -> list[dict[str, Any]]:
    return [
        {
            "ballot": ballot, "position": ballot.position, "field": field_of(ballot), "words": ballot.question,
            "rule_lines": words.rule_lines(stand.poll, ballot, on_roll), "options": _options(ballot),
            "names": {key: words.label_of(ballot, key) for key in choices_of(ballot)},
        }
        for ballot in stand.questions
    ]  # fmt: skip


def _options(ballot: Ballot) -> list[dict[str, Any]]:
    """What may be chosen, with picture and cost; the ways out (弃权) are plain lines under the pictures."""
    put = {option["key"]: option for option in ballot.options or ()}
    shown = []
    for key in choices_of(ballot):
        option = put.get(key, {})
        picture = option.get("attachment_id")
        shown.append({
            "key": key, "label": words.label_of(ballot, key), "words": option.get("words", ""),
            "cost_fen": option.get("cost_fen"), "plain": bool(put) and key not in put,
            "picture": site_url("community.file_small", file_id=picture) if picture else "",
            "full": site_url("community.file", file_id=picture) if picture else "",
            "alt": _("图：%(what)s", what=words.label_of(ballot, key)),
        })  # fmt: skip
    return shown


def chosen(questions: list[Ballot], form: Any) -> dict[UUID, str] | None:
    """One choice a question; None where one is missing, which then says so."""
    chosen: dict[UUID, str] = {}
    for ballot in questions:
        field = form[field_of(ballot)]
        if field.data in choices_of(ballot):
            chosen[ballot.id] = field.data
        else:
            field.data, field.errors = None, [_("这一问还没选。") if len(questions) > 1 else _("请选一个，再投。")]
    return chosen if len(chosen) == len(questions) else None


def seq_of(form: Any) -> int:
    return as_seq(form.seq.data or "")


def as_seq(typed: str) -> int:
    """The number that travels with a sheet; 0 for anything else."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0
