"""What the program writes down about itself: one line an event, JSON in an office, plain text in a demo.

A line carries the moment, level, event, request, hall and job; it never carries what anybody typed. Values are named
by whoever logs; whatever other libraries say passes the same filter, without the words of their errors.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO

import structlog
from flask import Flask

from tenants.faults import places_of

#: Libraries that would print rows, parameters, addresses or queries when somebody asks for more detail.
QUIET = ("sqlalchemy", "psycopg", "rq", "redis", "urllib3", "PIL", "fontTools", "werkzeug", "httpx", "openpyxl")
#: The last net under the rule that nobody logs a value: phones, identity cards, addresses of machines, long tokens.
_HIDDEN = (
    (re.compile(r"(?<![0-9a-fA-F])1[3-9]\d{9}(?![0-9a-fA-F])"), "<phone>"),
    (re.compile(r"(?<![0-9a-fA-F])\d{17}[\dXx](?![0-9a-fA-F])"), "<id>"),
    (re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])"), "<ip>"),
    (re.compile(r"[?&][A-Za-z_]+=[^\s\"'&]+"), "?<query>"),
)


def hide(value: Any) -> Any:
    """The same value with nothing left in it that looks like a person's."""
    if isinstance(value, str):
        for pattern, instead in _HIDDEN:
            value = pattern.sub(instead, value)
        return value
    if isinstance(value, Mapping):
        return {key: hide(one) for key, one in value.items()}
    return [hide(one) for one in value] if isinstance(value, list | tuple) else value


def _hidden(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        event[key] = hide(value)
    return event


def _without_words(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Of an error its class and places; never its text, which may quote a row or a form."""
    error = event.pop("exc_info", None)
    error = sys.exc_info() if error is True else error
    error = error[1] if isinstance(error, tuple) else error
    if isinstance(error, BaseException):
        event["kind"], event["at"] = type(error).__name__, places_of(error)
    event.pop("stack_info", None)
    return event


def _empty_left_out(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name in ("request", "hall", "job"):
        if not event.get(name, True):
            del event[name]
    return event


def configure(mode: str, level: str = "INFO", out: TextIO | None = None) -> None:
    """Set up this process: ``serve`` writes JSON lines, every other mode plain text."""
    threshold = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars, structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"), _without_words, _empty_left_out, _hidden,
    ]  # fmt: skip
    last: Any = structlog.processors.JSONRenderer(ensure_ascii=False)
    if mode != "serve":
        last = structlog.dev.ConsoleRenderer(colors=False, timestamp_key="time")
    structlog.configure(
        processors=[*shared, last], wrapper_class=structlog.make_filtering_bound_logger(threshold),
        # Asked for at each line: a process may be given another output after it was set up.
        logger_factory=lambda *_given: structlog.WriteLogger(out or sys.stdout), cache_logger_on_first_use=False,
    )  # fmt: skip
    _other_libraries(shared, last, threshold, out)


def _other_libraries(shared: list[Any], last: Any, threshold: int, out: TextIO | None) -> None:
    names: list[Any] = [_logger_name, *shared]
    handler = logging.StreamHandler(out or sys.stdout)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=names,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _without_words, last],
    ))  # fmt: skip
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(threshold)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def _logger_name(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    record = event.get("_record")
    if record is not None:
        event["logger"] = record.name
    return event


def init_logs(app: Flask) -> None:
    """Set the process up as its configuration says; tests keep the plain default."""
    if app.config["MODE"] != "test":
        configure(app.config["MODE"], app.config["LOG_LEVEL"])
