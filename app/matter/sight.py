"""Who sees what of a matter, part by part.

Source: the table "Who sees and does what" of domain.md section 2 (Residents' Committees Act section 6; Personal
Information Protection Law sections 20, 21, 25). The database enforces the same between communities; this rule speaks
about the people inside one hall, its street and its invited expert. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.errors import Verdict, no, yes
from app.matter.situation import Visibility
from app.people.roles import COMMUNITY_STAFF, STREET_STAFF, Role
from app.words import N_


class Part(StrEnum):
    """One kind of thing a page shows about a matter."""

    NUMBER_AND_STAGE = "number_and_stage"
    OPEN_FACTS = "open_facts"
    CONTENT = "content"
    WORDS = "words"
    BRIEF = "brief"
    PERSONS = "persons"
    MASKED_PERSONS = "masked_persons"
    RESULT = "result"
    OWN_RECEIPT = "own_receipt"
    TALLY = "tally"


@dataclass(frozen=True)
class Viewer:
    """Who is looking, at this one matter.

    ``is_own``: the proposer or a party, known by account or by the phone's own cookie. ``is_handler``: staff who carry
    this matter. ``is_invited``: a council member asked to this sitting, or the expert whose link opens it.
    ``reason_logged``: the street, or the hall's staff at a child's matter, has written down why it looks, and the log
    row exists.
    """

    roles: frozenset[Role] = frozenset()
    is_own: bool = False
    is_handler: bool = False
    is_invited: bool = False
    reason_logged: bool = False

    @property
    def is_staff(self) -> bool:
        return bool(self.roles & COMMUNITY_STAFF)

    @property
    def is_street(self) -> bool:
        return bool(self.roles & STREET_STAFF)

    @property
    def is_council(self) -> bool:
        return Role.COUNCIL_MEMBER in self.roles or Role.AFFAIRS_SUPERVISOR in self.roles

    @property
    def is_expert(self) -> bool:
        return Role.EXPERT in self.roles


@dataclass(frozen=True)
class Sensitivity:
    """What makes a matter restricted: its visibility, a quarrel, a child among its people, or a sensitive subject.

    ``is_opened``: the secretary wrote a child's matter anew without the child and opened it, with a reason. What is
    deliberated then is like any other matter; the child's words, pictures and person stay shut for good.
    ``is_hidden``: the hall took the matter's page out of sight for a while; who works with it goes on reading.
    """

    visibility: Visibility = Visibility.PUBLIC
    is_dispute: bool = False
    has_minor: bool = False
    is_sensitive: bool = False
    is_opened: bool = False
    is_hidden: bool = False

    @property
    def is_restricted(self) -> bool:
        """Only the number and the stage stand in public."""
        shut = self.has_minor and not self.is_opened
        return self.is_dispute or shut or self.is_sensitive or self.visibility is not Visibility.PUBLIC


_CHILD = N_("这是未成年人的事，先写明为什么要看，写下的会留痕")
_CHILD_S_WORDS = N_("孩子的原话只给经手的人看")
_NOT_PUBLIC = N_("这件事只给当事人看，公开的只有编号和走到哪一步")


def may_see(part: Part, viewer: Viewer, matter: Sensitivity) -> Verdict:
    """Say whether ``viewer`` may see ``part`` of ``matter``.

    ``OPEN_FACTS`` are title, light, resolution and posting; ``CONTENT`` is what the hall works with: minutes, site
    notes, papers; ``WORDS`` is what the proposer brought: the words as spoken, photos, voice notes; ``BRIEF`` is the
    case put to an expert without names; ``PERSONS`` are names, phones and households.
    """
    if part is Part.NUMBER_AND_STAGE:
        return yes()
    if part in (Part.PERSONS, Part.MASKED_PERSONS):
        return _persons(part, viewer, matter)
    if part in (Part.RESULT, Part.OWN_RECEIPT, Part.TALLY):
        return _ballot(part, viewer, matter)
    if part is Part.BRIEF and viewer.is_expert:
        return yes() if viewer.is_invited else no(N_("这个链接不是给这件事的"))
    if matter.is_restricted:
        return _restricted(part, viewer, matter)
    if part is Part.OPEN_FACTS:
        return _words(viewer) if matter.is_hidden else yes()
    if part is Part.WORDS and matter.has_minor:
        return _of_a_child(viewer, matter)
    return _words(viewer)


def _restricted(part: Part, viewer: Viewer, matter: Sensitivity) -> Verdict:
    if viewer.is_own:
        return yes()
    if viewer.is_handler:
        return _child_verdict(viewer, matter)
    if viewer.is_street:
        return yes() if viewer.reason_logged else no(N_("街道看这件事的内容，要先写明理由并留痕"))
    if viewer.is_council and (viewer.is_invited or _is_for_members(matter)):
        # A child's own words stay with those who handle the matter; the council is put the question without them.
        return no(_CHILD_S_WORDS) if matter.has_minor and part in (Part.CONTENT, Part.WORDS) else yes()
    return no(_NOT_PUBLIC)


def _of_a_child(viewer: Viewer, matter: Sensitivity) -> Verdict:
    """What a child said stays shut also where the matter itself was opened (domain.md section 2, who sees what)."""
    if viewer.is_own or (viewer.is_street and viewer.reason_logged):
        return yes()
    return _child_verdict(viewer, matter) if viewer.is_handler else no(_CHILD_S_WORDS)


def _child_verdict(viewer: Viewer, matter: Sensitivity) -> Verdict:
    """未成年人网络保护条例: even those who handle a child's matter look only for a reason that is on record."""
    return no(_CHILD) if matter.has_minor and not viewer.reason_logged else yes()


def _is_for_members(matter: Sensitivity) -> bool:
    # "Members" opens an ordinary matter to the council; it never opens a quarrel or a child's matter to it.
    personal = matter.is_dispute or matter.has_minor or matter.is_sensitive
    return matter.visibility is Visibility.MEMBERS and not personal


def _words(viewer: Viewer) -> Verdict:
    # The words and photos need the phone's own cookie or the account; a tracking code alone does not show them.
    if viewer.is_own or viewer.is_staff or viewer.is_council or viewer.is_street:
        return yes()
    return no(N_("原话和照片只给提出人和办事的人看"))


def _persons(part: Part, viewer: Viewer, matter: Sensitivity) -> Verdict:
    if viewer.is_own:
        return yes()
    if viewer.is_handler:
        return _child_verdict(viewer, matter)
    if viewer.is_street:
        if part is Part.MASKED_PERSONS or viewer.reason_logged:
            return yes()
        return no(N_("要看姓名电话，先写明理由；会留痕并告诉社区书记"))
    return no(N_("姓名、电话和住址只给经手的人看"))


def _ballot(part: Part, viewer: Viewer, matter: Sensitivity) -> Verdict:
    if part is Part.OWN_RECEIPT:
        return yes() if viewer.is_own else no(N_("这是别人的回执"))
    if part is Part.TALLY:
        return yes() if viewer.is_staff else no(N_("计票单由社区保管，公开的是结果"))
    if matter.is_restricted:
        return _restricted(part, viewer, matter)
    return _words(viewer) if matter.is_hidden else yes()
