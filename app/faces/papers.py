"""Handing a Word paper over."""

from __future__ import annotations

from urllib.parse import quote

from flask import Response

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def docx_answer(data: bytes, filename: str) -> Response:
    """A download whose Chinese name survives every browser (RFC 5987)."""
    answer = Response(data, mimetype=DOCX)
    answer.headers["Content-Disposition"] = f"attachment; filename=\"paper.docx\"; filename*=UTF-8''{quote(filename)}"
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer
