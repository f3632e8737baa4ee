"""Writing down what was said: the matter with its number, person, proposal, pictures, consents, in few statements.

Nothing here commits or decides; :mod:`app.flow.collect.actions` asks the rules first. Pictures must already lie in the
file store, because a row never speaks of a file that may not exist; a file without a row is swept away later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from app import clock
from app.flow.collect import joint_rules, rules
from app.flow.collect.models import Proposal
from app.flow.collect.rules import Saying
from app.flow.collect.signing import Signature, SigningSheet
from app.matter.actions import line_of, next_number
from app.matter.bounds import default_of
from app.matter.clocks import warn_of
from app.matter.deadlines import Deadline
from app.matter.house import house
from app.matter.models import Attachment, Matter, TimelineEntry
from app.matter.numbers import matter_number
from app.matter.situation import Kind, Stage
from app.matter.stages import deadline
from app.matter.workdays import due
from app.matter.writing import NewRow, adopt, filled, write_together
from app.people.actor import Actor
from app.people.consents import consent_values
from app.people.models import Person
from app.people.privacy import Consent
from app.people.secrets import blind, new_code, new_tracking_code, seal
from app.words import N_
from tenants.database import db, row_key, uuid7


@dataclass(frozen=True)
class Picture:
    """A photo that already lies in the file store under ``id`` (and its preview under the variant ``small``)."""

    id: UUID
    width: int
    height: int
    size: int
    sha256: str
    caption: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Plain values for a draft."""
        return {**self.__dict__, "id": str(self.id)}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Picture:
        """The opposite of :meth:`as_dict`."""
        return cls(**{**data, "id": UUID(data["id"])})


@dataclass(frozen=True)
class Submitted:
    """The new matter and its tracking code in clear, which is shown once and stored only as an HMAC."""

    matter: Matter
    code: str


@dataclass(frozen=True)
class Joint:
    """The sheet that comes with a joint proposal: ``waits`` until ``threshold`` have signed."""

    sheet_id: UUID
    code: str
    threshold: int
    closes_at: datetime
    waits: bool


def threshold_now() -> int:
    """How many signers the bound hall asks for, the proposer counted."""
    return int(house().settings.get("joint_threshold") or default_of("joint_threshold"))


def joint_of(saying: Saying, now: datetime) -> Joint | None:
    """The sheet this saying needs, or None where nobody signs."""
    if saying.kind != Kind.JOINT:
        return None
    threshold = threshold_now()
    return Joint(uuid7(), new_code(joint_rules.CODE), threshold, now + joint_rules.OPEN_FOR, saying.signers < threshold)


def take_in(
    saying: Saying, *, by: Actor, now: datetime, matter_id: UUID | None, code: str, stage: Stage,
    photos: Sequence[Picture] = (), joint: Joint | None = None, registered: str = "",
) -> Submitted:  # fmt: skip
    """The matter with its number, lines, person, proposal, sheet, pictures and consents in one statement, and the
    signatures in one more. It is due by the hall's deadline, or when its sheet closes; ``registered`` are the words of
    a second line where it is a proposal at once.
    """
    code = code or new_tracking_code()
    row = _matter_row(saying, now=now, matter_id=matter_id or uuid7(), code=code, stage=stage, joint=joint)
    rows: list[NewRow] = [(Matter.__table__, row)]
    rows += [(TimelineEntry.__table__, line) for line in _lines(row, saying, by=by, now=now, registered=registered)]
    person_id = saying.person_id
    if person_id is None and (saying.name.strip() or saying.phone.strip() or saying.birth_year):
        person_id = uuid7()
        rows.append((Person.__table__, _person_row(person_id, saying, now)))
    rows += [(Attachment.__table__, picture_row(row["id"], picture, now)) for picture in photos]
    if joint is not None:
        rows.append((SigningSheet.__table__, _sheet_row(row["id"], joint, now)))
    told = {"by": by, "now": now, "person_id": person_id, "matter_id": row["id"], "channel": saying.channel}
    consents = _consents(saying, clock.local(now).year)
    rows += [(Consent.__table__, consent_values(about, **told)) for about in consents]
    rows.append((Proposal.__table__, _proposal_row(row, saying, person_id, by, now)))
    # Whatever the caller has not written yet may be what these rows point at.
    db.session.flush()
    write_together(rows)
    matter = adopt(Matter, row)
    if joint is not None:
        db.session.execute(insert(Signature), _signature_rows(matter, saying, person_id, by, now))
    return Submitted(matter, code)


def _matter_row(
    saying: Saying, *, now: datetime, matter_id: UUID, code: str, stage: Stage, joint: Joint | None
) -> dict[str, Any]:
    year, home = clock.local(now).year, house()
    limit = deadline(stage, None, home.deadlines) or Deadline(3, "working_days")
    ends = joint.closes_at if joint and joint.waits else due(now, limit, home.calendar)
    return filled(
        Matter, id=matter_id, number=matter_number(home.code, year, next_number("matter", year)),
        title=saying.headline, stage=str(stage), stage_since=now, due_at=ends, first_due_at=ends,
        warn_at=warn_of(now, ends),
        visibility=str(rules.visibility_of(saying, year)), has_minor=rules.is_child(saying.birth_year, year),
        category=saying.category, kind=saying.kind, channel=saying.channel, point=saying.point.strip(),
        track=saying.track, signers=saying.signers if saying.kind == Kind.JOINT else 1,
        entered_for_another=saying.is_for_another, is_plain_duty=saying.is_plain_duty,
        is_secretary_project=saying.is_secretary_project, building_id=saying.building_id, unit=saying.unit,
        place=rules.tidy_words(saying.place), tracking_hmac=blind("track", code), collected_at=now,
    )  # fmt: skip


def _lines(row: dict[str, Any], saying: Saying, *, by: Actor, now: datetime, registered: str) -> list[dict[str, Any]]:
    told = {"by": by, "now": now, "public": row["visibility"] == "public", "channel": saying.channel}
    words = N_("替人记下了这件事") if saying.is_for_another else N_("收到了这件事")
    collected, submitted = str(Stage.COLLECTED), str(Stage.SUBMITTED)
    lines = [line_of(row["id"], "collect", words=words, moved=(None, collected), **told)]
    if registered:
        lines.append(line_of(row["id"], "submit", words=registered, moved=(collected, submitted), **told))
    return [row_key() | line for line in lines]


def _consents(saying: Saying, year: int) -> list[str]:
    """What was ticked, in the words of the log."""
    child = rules.is_child(saying.birth_year, year)
    given = {
        "notice": saying.notice, "read_back": saying.is_for_another and saying.read_back,
        "guardian": child and saying.guardian_consent, "own_minor": child and saying.own_consent,
        "name_public": saying.name_public and not child,
    }  # fmt: skip
    return [about for about, ticked in given.items() if ticked]


def _person_row(person_id: UUID, saying: Saying, now: datetime) -> dict[str, Any]:
    phone = rules.tidy_phone(saying.phone)
    return row_key(person_id) | {
        "name": rules.tidy_words(saying.name), "title": saying.title_of_address,
        "phone_sealed": seal(phone) if phone else None, "phone_index": blind("phone", phone) if phone else None,
        "household_id": None, "birth_year": saying.birth_year, "created_at": now,
        # A child's name never stands in public, whatever was ticked.
        "name_public": saying.name_public and not rules.is_child(saying.birth_year, clock.local(now).year),
    }  # fmt: skip


def _proposal_row(
    row: dict[str, Any], saying: Saying, person_id: UUID | None, by: Actor, now: datetime
) -> dict[str, Any]:
    label = by.label if saying.entered_by else (N_("家里人或邻居") if saying.for_another else "")
    return row_key() | {
        "matter_id": row["id"], "kind": saying.kind, "words": saying.told,
        "wish": rules.tidy_words(saying.wish), "person_id": person_id, "organisation": saying.organisation.strip(),
        "organisation_kind": saying.organisation_kind, "organisation_role": saying.organisation_role.strip(),
        "signers": row["signers"], "entered_by": saying.entered_by, "entered_label": label,
        "read_back": saying.read_back, "guardian_consent": saying.guardian_consent,
        "guardian_sealed": seal(saying.guardian.strip()) if saying.guardian.strip() else None,
        "own_consent": saying.own_consent, **asdict(saying.source), "said_at": now,
    }  # fmt: skip


def _sheet_row(matter_id: UUID, joint: Joint, now: datetime) -> dict[str, Any]:
    return row_key(joint.sheet_id) | {
        "matter_id": matter_id, "code": joint.code, "threshold": joint.threshold, "closes_at": joint.closes_at,
        "closed_at": None, "created_at": now,
    }  # fmt: skip


def _signature_rows(
    matter: Matter, saying: Saying, person_id: UUID | None, by: Actor, now: datetime
) -> list[dict[str, Any]]:
    """The proposer's own signature, and one for each household of a list on paper that somebody counted."""
    own = f"person:{saying.person_id}" if saying.person_id else f"proposer:{matter.id}"
    marks = [own, *(f"paper:{matter.id}:{n}" for n in range(1, matter.signers))]
    common = {"matter_id": matter.id, "household_id": None, "signed_at": now, "withdrawn_at": None,
              "withdrawn_reason": "", "entered_label": by.label if saying.entered_by else ""}  # fmt: skip
    return [
        row_key() | common | {
            "mark": blind("signer", mark), "person_id": person_id if mark is own else None, "is_proposer": mark is own,
            "channel": "account" if saying.person_id and mark is own else ("link" if saying.invites else "paper"),
            "proof": "vouched" if saying.entered_by else "none",
        }
        for mark in marks
    ]  # fmt: skip


def picture_row(matter_id: UUID, picture: Picture, now: datetime) -> dict[str, Any]:
    """A picture that only the handlers see, as plain values."""
    return row_key(picture.id) | {
        "matter_id": matter_id, "kind": "photo", "media_type": "image/jpeg", "caption": picture.caption,
        "width": picture.width, "height": picture.height, "size": picture.size, "sha256": picture.sha256,
        "small_id": None, "about": "", "about_id": None, "transcript": "", "transcribed_label": "",
        "transcribed_at": None, "public": False, "hidden_at": None, "hidden_reason": "", "created_at": now,
    }  # fmt: skip
