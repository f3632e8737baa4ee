"""What a page costs: CPU of this process and of the database's own processes serving it. Waiting costs nothing."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from sqlalchemy import text


def cheapest(superuser: Any, who: Any, url: str, times: int) -> float:
    """Seconds of CPU of the cheapest of several requests, program and database together."""
    with superuser.connect() as conn:
        serving = text("select pid from pg_stat_activity where datname = current_database() and usename = 'cm_login'")
        found = []
        for _ in range(times):
            pids = list(conn.execute(serving).scalars())
            before, mine = _ran(pids), time.process_time()
            assert who.get(url).status_code == 200
            found.append(time.process_time() - mine + _ran(pids) - before)
    return min(found)


def _ran(pids: list[int]) -> float:
    return sum(int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) for pid in pids) / 1e9
