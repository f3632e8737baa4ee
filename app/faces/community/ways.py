"""Which ways out of the house are set up here; a page says 未配置 for every other."""

from __future__ import annotations

from flask import g

from app.notices.channels import CHANNEL_LABELS, channel_of


def ways() -> list[tuple[str, bool]]:
    """Each channel and whether it is configured for this hall."""
    return [(name, channel_of(name).is_configured(g.site.slug if name == "wecom" else "")) for name in CHANNEL_LABELS]
