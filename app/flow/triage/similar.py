"""Matters of this hall that sound like what somebody is typing, so that one thing is said once and not twice.

Chinese is written without spaces and most of its words have two characters, so a text is taken apart into pairs of
neighbouring characters; a matter is similar when it shows several of them. Plain SQL inside the bound hall: the
policies keep an index on text from being used anyway, and a hall holds thousands of matters, not millions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, and_, case, cast, func, literal, or_, select

from app.matter.models import Matter
from app.matter.situation import LABELS, OPEN_STAGES, Stage
from tenants.database import db
from tenants.scope import current_community

#: A closed matter is still worth pointing at for so long.
REMEMBERED = timedelta(days=2 * 365)
#: The first sentences say what it is about; more pairs than these only cost time.
GRAMS = 16
_PIECES = re.compile(r"[\u3400-\u9fff]+|[a-z][a-z0-9]+|[0-9]{3,}")
#: What says nothing about the matter: words that stand in half of all texts, and characters of grammar.
_COMMON = re.compile(
    "小区|社区|居民|大家|大伙|咱家|家里|时候|时间|现在|今天|昨天|问题|事情|希望|建议|解决|觉得|知道|看看|一下|一直|一点|非常|比较"
    "|比如|单元|号楼|门口|地方|东西|多少|总是|常常|尽快|麻烦|您好|你好|谢谢"
    "|[的了是在我你您他她它们有和与就不没也都很太最着过么吗呢吧啊呀哦嗯个这那哪些把被让给对从到往向于之其此及或但而且因所以为会能可要想"
    "请说去来上下里外前后又再还只才已经得地什怎谁几每各某]"
)


@dataclass(frozen=True)
class Similar:
    """One matter everybody may read. ``stage_label`` is a message id; ``score`` counts the pairs it shows."""

    matter_id: UUID
    number: str
    title: str
    stage: Stage
    stage_label: str
    score: int


def grams_of(words: str, limit: int = GRAMS) -> list[str]:
    """The telling pairs of characters in ``words``, and Latin words and longer numbers whole, in order, each once."""
    found: dict[str, None] = {}
    for piece in _PIECES.findall(_COMMON.sub(" ", words.lower())):
        pairs = [piece] if piece[0].isascii() else [piece[at : at + 2] for at in range(len(piece) - 1)]
        found.update(dict.fromkeys(pairs))
    return list(found)[:limit]


def least(grams: int) -> int:
    """How many pairs a matter has to show: one of a word or two, two of a sentence."""
    return 1 if grams <= 2 else 2


def similar_to(
    words: str, limit: int = 5, *, now: datetime, but: UUID | None = None, with_waiting: bool = False
) -> list[Similar]:
    """Public matters the hall has taken up that show the words of ``words``, the likest first; at most one statement.

    Closed ones count for two years. ``but`` leaves one matter out, the one that is being looked at; ``with_waiting``
    counts what nobody has taken up yet as well, which only the desk may be shown.
    """
    grams = grams_of(words)
    if not grams:
        return []
    texts = _texts(_readable(now, with_waiting), but, with_latin=any(gram.isascii() for gram in grams))
    shows = [cast(func.strpos(texts.c.text, gram) > 0, Integer) for gram in grams]
    # Materialized here and below, or text and score would be worked out anew wherever they are spoken of.
    scored = select(texts, sum(shows[1:], shows[0]).label("score")).cte("scored").prefix_with("materialized")
    rows = db.session.execute(
        select(scored)
        .where(scored.c.score >= least(len(grams)))
        .order_by(scored.c.score.desc(), scored.c.is_over, scored.c.collected_at.desc(), scored.c.number)
        .limit(limit)
    ).all()
    return [
        Similar(row.id, row.number, row.title, Stage(row.stage), LABELS[Stage(row.stage)], row.score) for row in rows
    ]


def _readable(now: datetime, with_waiting: bool) -> Any:
    """Taken up (or waiting for it), open to everybody, not hidden, still running or closed within two years."""
    runs = Matter.stage.in_([str(stage) for stage in OPEN_STAGES])
    recent = and_(Matter.stage.in_((str(Stage.CLOSED), str(Stage.ARCHIVED))), Matter.closed_at >= now - REMEMBERED)
    return and_(
        Matter.community_id == current_community(), or_(Matter.accepted_at.is_not(None), literal(with_waiting)),
        Matter.visibility == "public", Matter.track == "ordinary", Matter.hidden_at.is_(None), or_(runs, recent),
    )  # fmt: skip


def _texts(readable: Any, but: UUID | None, *, with_latin: bool) -> Any:
    is_over = case((Matter.closed_at.is_not(None), 1), else_=0)
    text = Matter.title + "\n" + Matter.question
    # Chinese has no capitals, and lowering every title costs as much as looking through it.
    text = func.lower(text) if with_latin else text
    wanted = select(
        Matter.id, Matter.number, Matter.title, Matter.stage, Matter.collected_at, is_over.label("is_over"),
        text.label("text"),
    ).where(readable)  # fmt: skip
    if but is not None:
        wanted = wanted.where(Matter.id != but)
    return wanted.cte("texts").prefix_with("materialized")
