"""What the desk's forms share (``app.faces.inputs``), under the name by which the hall's pages know it."""

from app.faces.inputs import (
    as_uuid,
    at_most,
    filled,
    forget_after,
    last_page,
    once_id,
    one_of_choices,
    page_number,
    take_back,
    tell,
    tidy,
    whole_number,
)

__all__ = [
    "as_uuid",
    "at_most",
    "filled",
    "forget_after",
    "last_page",
    "once_id",
    "one_of_choices",
    "page_number",
    "take_back",
    "tell",
    "tidy",
    "whole_number",
]
