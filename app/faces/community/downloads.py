"""Handing a table over: a download with its name in Chinese, which no browser keeps and none shows as a page."""

from __future__ import annotations

from io import BytesIO

from flask import Response, send_file

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"


def download(data: bytes, media_type: str, name: str) -> Response:
    """An attachment. Tables of the desk hold what only staff may read, so nothing of them is cached."""
    answer = send_file(BytesIO(data), media_type, as_attachment=True, download_name=name)
    answer.headers["Cache-Control"] = "no-store"
    return answer
