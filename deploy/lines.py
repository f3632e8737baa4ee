"""Lines of the web server itself, as the program's own: JSON in an office, plain text in a demo.

An error outside the program is told by its class and places: its own words may quote an address with a key in it.
"""

from __future__ import annotations

import json
import logging
import os
import traceback
from datetime import UTC, datetime
from pathlib import Path


class Lines(logging.Formatter):
    """One line a record; never the words of an error, an address, or whom it came from."""

    def format(self, record: logging.LogRecord) -> str:
        event = record.getMessage()
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="microseconds"),
            "level": record.levelname.lower(), "logger": record.name, "process": record.process,
        }  # fmt: skip
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            event = "a request failed outside the program"
            line["kind"] = type(error).__name__
            line["at"] = [
                f"{Path(one.filename).name}:{one.lineno}" for one in traceback.extract_tb(error.__traceback__)
            ]
        elif event.startswith("Invalid request"):
            event = "an invalid request"
        line["event"] = event.splitlines()[0][:300] if event else ""
        if os.environ.get("YIQILAI_MODE", "serve") == "serve":
            return json.dumps(line, ensure_ascii=False)
        return " ".join(str(value) for value in line.values())
