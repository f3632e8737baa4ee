"""All doors of the review: the desk's lists and acts, telephone and paper, wishes, and the residents' own page."""

from __future__ import annotations

from app.faces.community import rating_page, review_acts, review_calls, review_papers, reviews, wishes
from app.faces.doors import Door

DOORS: list[Door] = [
    *reviews.DOORS, *review_acts.DOORS, *review_calls.DOORS, *review_papers.DOORS, *wishes.DOORS, *rating_page.DOORS,
]  # fmt: skip
