"""Who may look at the work together with the grid worker: one resident who is not the doer, by name and household.

Source: domain.md section 2, row ``verifying`` ("grid_worker + one resident (not the doer)").
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, select

from app.errors import Verdict, no, yes
from app.flow.resolve.models import Commitment
from app.flow.resolve.rules import NAME_MOST
from app.matter.models import Matter
from app.people.door_words import household_at
from app.people.households import address
from app.people.models import Account, Person
from app.words import N_
from tenants.database import db
from tenants.scope import current_community


@dataclass(frozen=True)
class Witness:
    """A resident as written down: the name, and the household where it is on the register (``door`` in words)."""

    name: str
    household_id: UUID | None = None
    door: str = ""


@dataclass(frozen=True)
class Doers:
    """Whoever did the work: names (also inside of labels like 物业 何师傅) and the households of their accounts."""

    names: frozenset[str] = frozenset()
    households: frozenset[UUID] = frozenset()


def may_witness(witness: Witness, doers: Doers, looker: str = "") -> Verdict:
    """Whether this resident may look; ``looker`` is the staff member who looks and counts as one person only. Pure."""
    name = _plain(witness.name)
    if len(name) < 2:
        return no(N_("写上一起看的居民是谁，姓名或者称呼都行。"))
    if len(witness.name.strip()) > NAME_MOST:
        return no(N_("名字最多 %(most)s 个字。"), most=NAME_MOST)
    if looker and name == _plain(looker):
        return no(N_("一起看的要是另一位居民，不能是看的人自己。"))
    if name in doers.names:
        return no(N_("%(name)s是办这件事的人，要请一位没有参与的居民来看。"), name=witness.name.strip())
    if witness.household_id is not None and witness.household_id in doers.households:
        return no(N_("%(door)s是办事的人家里，请换一户的居民来看。"), door=witness.door or witness.name.strip())
    return yes()


def doers_of(matter: Matter) -> Doers:
    """The doers of every promise that stands, in one statement."""
    rows = db.session.execute(
        select(Commitment.who, Account.display_name, Person.name, Person.household_id)
        .outerjoin(
            Account, and_(Account.community_id == Commitment.community_id, Account.id == Commitment.owner_id)
        )
        .outerjoin(Person, and_(Person.community_id == Account.community_id, Person.id == Account.person_id))
        .where(
            Commitment.community_id == current_community(), Commitment.matter_id == matter.id,
            Commitment.state != "dropped",
        )
    ).all()  # fmt: skip
    names = {name for row in rows for name in _names(row.who, row.display_name, row.name)}
    return Doers(frozenset(names), frozenset(row.household_id for row in rows if row.household_id))


def witness_of(matter: Matter, name: str, *, door: str = "", looker: str = "") -> Witness:
    """The resident who looked, checked; ``door`` as typed (3-2-501) may be empty. Raises ``Refused``."""
    home = household_at(door) if door.strip() else None
    witness = Witness(name.strip(), home.id if home else None, address(home) if home else "")
    may_witness(witness, doers_of(matter), looker).or_refuse()
    return witness


def _names(*labels: str | None) -> Iterable[str]:
    """Every name a label holds: the whole of it, and its parts between blanks and signs."""
    for label in labels:
        if label:
            yield from (
                _plain(part) for part in (label, *re.split(r"[\s、,，/·（）()]+", label)) if len(_plain(part)) > 1
            )


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()
