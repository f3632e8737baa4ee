"""Sectors, seats and standings: what a term's list of sectors says, and what makes a lawful body. Pure.

Source: domain.md section 1 (17 seats at 林景 from 辖区单位, 物业 …; conveners 支部书记、网格员、楼长、单元长),
section 3 R4 (representatives are at least four fifths of their meeting); organic law of residents' committees,
sections 13 and 28.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app.errors import Verdict, no, yes
from app.words import N_

#: Candidates for a seat, and what an office may type of them.
NAME, UNIT, WHY, TERM, SECTOR = 40, 40, 500, 30, 20
SECTORS, SEATS = 12, 60
LEAST_HOUSEHOLDS, MOST_HOUSEHOLDS = 20, 50
REP_KINDS: Mapping[str, str] = {"rep": N_("居民代表"), "committee": N_("居委会成员")}
STANDINGS: Mapping[str, str] = {
    "secretary": N_("支部书记"), "grid_worker": N_("网格员"), "building_steward": N_("楼长"),
    "unit_steward": N_("单元长"),
}  # fmt: skip
HOW: Mapping[str, str] = {"paper": N_("本人签了同意书"), "person": N_("当面答应"), "phone": N_("电话里答应")}
#: A proposal for the form of a new term; the hall writes its own.
USUAL = "居民 9\n辖区单位 4\n物业 2\n业委会 1\n社会组织 1"
BAD_LINE = N_("第 %(line)s 行看不懂。每行写一个界别和它的席数，比如：辖区单位 4。")
TWICE = N_("「%(name)s」写了两遍。")
NO_SECTOR = N_("至少写一个界别。")
TOO_MANY = N_("最多 %(sectors)s 个界别、一共 %(seats)s 席。")
LONG_NAME = N_("界别的名字最多 %(limit)s 个字。")


@dataclass(frozen=True)
class Sector:
    """One group the council's seats are given to."""

    name: str
    seats: int


def read_sectors(text: str) -> tuple[list[Sector], Verdict]:
    """The sectors of a typed list, one a line (``辖区单位 4``), and whether it can stand."""
    found: list[Sector] = []
    for number, raw in enumerate(text.splitlines(), 1):
        line = re.sub(r"[，,：:、\t]+", " ", unicodedata.normalize("NFKC", raw)).strip()
        if not line:
            continue
        parts = re.fullmatch(r"(.*?\D)\s*(\d{1,3})\s*席?", line)
        if not parts or not parts[1].strip() or not int(parts[2]):
            return found, no(BAD_LINE, line=number)
        name = re.sub(r"\s+", "", parts[1])
        if len(name) > SECTOR:
            return found, no(LONG_NAME, limit=SECTOR)
        if any(sector.name == name for sector in found):
            return found, no(TWICE, name=name)
        found.append(Sector(name, int(parts[2])))
    if not found:
        return found, no(NO_SECTOR)
    if len(found) > SECTORS or sum(sector.seats for sector in found) > SEATS:
        return found, no(TOO_MANY, sectors=SECTORS, seats=SEATS)
    return found, yes()


def written(sectors: Sequence[Sector]) -> str:
    """The list as its form shows it."""
    return "\n".join(f"{sector.name} {sector.seats}" for sector in sectors)


def may_seat(consent_on: date | None, left_on: date | None, taken: int, seats: int, sector: str) -> Verdict:
    """Whether a candidate may take a seat: their own consent is on record and the sector has room."""
    if left_on is not None:
        return no(N_("这位已经不在名册上了。"))
    if consent_on is None:
        return no(N_("先记下本人同意，才能就任。"))
    if taken >= seats:
        return no(N_("「%(sector)s」的 %(n)s 席已经坐满了。"), sector=sector, n=seats)
    return yes()


def composition(reps: int, committee: int) -> Verdict:
    """R4: representatives are at least four fifths of their meeting (``5*R >= 4*N``); the reason says what is short."""
    everyone = reps + committee
    if everyone and reps and 5 * reps >= 4 * everyone:
        return yes()
    return no(
        N_("居民代表要占五分之四以上：居委会 %(committee)s 人，居民代表至少要 %(needed)s 人，现在 %(reps)s 人。"),
        committee=committee, needed=max(1, 4 * committee), reps=reps,
    )  # fmt: skip


def fits_households(households: int) -> bool:
    """Whether as many households stand behind one representative as the law thinks of; 0 is not known."""
    return households == 0 or LEAST_HOUSEHOLDS <= households <= MOST_HOUSEHOLDS
