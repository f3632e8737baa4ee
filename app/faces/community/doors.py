"""The table of doors of a hall, area by area."""

from __future__ import annotations

from app.faces.community import (
    account,
    accounts,
    ballots,
    calls,
    campaigns,
    desk,
    escalations,
    files,
    home,
    invitations,
    ledger,
    letterbox,
    matter,
    matters,
    minor_looks,
    minutes,
    moderation,
    outbox,
    photos,
    points,
    posters,
    postings,
    preferences,
    reports,
    research,
    residents,
    resolutions,
    reviews,
    say,
    screening,
    settings,
    similar,
    sittings,
    sounds,
    tasks,
    track,
    voices,
)  # fmt: skip
from app.faces.doors import Door

DOORS: list[Door] = [
    *points.DOORS, *calls.DOORS, *campaigns.DOORS, *posters.DOORS,
    *home.DOORS, *say.DOORS, *track.DOORS, *matters.DOORS, *account.DOORS, *files.DOORS, *preferences.DOORS,
    *desk.DOORS, *ledger.DOORS, *matter.DOORS, *screening.DOORS, *research.DOORS, *sittings.DOORS, *ballots.DOORS,
    *minutes.DOORS, *resolutions.DOORS, *postings.DOORS, *tasks.DOORS, *reviews.DOORS, *invitations.DOORS,
    *similar.DOORS, *escalations.DOORS, *accounts.DOORS, *residents.DOORS, *settings.DOORS, *outbox.DOORS,
    *sounds.DOORS, *letterbox.DOORS,
    *voices.DOORS, *reports.DOORS, *moderation.DOORS, *photos.DOORS, *minor_looks.DOORS,
]  # fmt: skip
