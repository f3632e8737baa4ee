"""The table of doors of the street office."""

from __future__ import annotations

from app.faces.doors import Door
from app.faces.street import (
    account,
    account_duties,
    accounts,
    bounds,
    drill,
    escalations,
    figures,
    front,
    halls,
    halls_seen,
    handbook,
    holidays,
    joint_acts,
    joint_page,
    joint_sheets,
    joints,
    letter_lists,
    letters,
    lists,
    log,
    menu,
    notices,
    orders,
    overview,
    pool,
    red_lights,
    replies,
    reports,
    reviews,
    sealed_log,
    secretaries,
    templates,
    units,
    unmask,
    wall,
    words,
)

__all__ = ["DOORS", "menu"]

DOORS: list[Door] = [
    *account.DOORS, *accounts.DOORS, *account_duties.DOORS, *secretaries.DOORS, *log.DOORS,
    *halls.DOORS, *notices.DOORS, *handbook.DOORS,
    *drill.DOORS, *unmask.DOORS, *escalations.DOORS, *pool.DOORS,
    *letter_lists.DOORS, *letters.DOORS, *units.DOORS,
    *orders.DOORS, *red_lights.DOORS, *holidays.DOORS, *bounds.DOORS,
    *words.DOORS, *lists.DOORS, *replies.DOORS, *templates.DOORS, *reviews.DOORS,
    *joints.DOORS, *joint_acts.DOORS, *joint_page.DOORS, *joint_sheets.DOORS,
    *reports.DOORS, *sealed_log.DOORS,
    *front.DOORS, *overview.DOORS, *figures.DOORS, *halls_seen.DOORS, *wall.DOORS,
]  # fmt: skip
