"""Fields in which one picks from what is offered: a drop-down, radio buttons, boxes.

The forms name what they offer as pairs of value and label. The form library stops taking pairs, so they become its own
choices here, once, whether they were given with the field or later by the view.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

import wtforms
from wtforms.fields.choices import SelectChoice

Offered: TypeAlias = Iterable["SelectChoice | tuple[Any, Any]"]


def as_choices(offered: Offered | None) -> list[SelectChoice] | None:
    """What the library wants; None while a form has not yet said what it offers."""
    if offered is None:
        return None
    return [one if isinstance(one, SelectChoice) else SelectChoice(*one) for one in offered]


class Offering:
    """What our three fields add to the library's."""

    def __init__(self, *args: Any, choices: Offered | None = None, **kw: Any) -> None:
        super().__init__(*args, choices=as_choices(choices), **kw)

    @property
    def choices(self) -> list[SelectChoice] | None:
        """What is offered, in its order."""
        return super().choices

    @choices.setter
    def choices(self, offered: Offered | None) -> None:
        wtforms.SelectField.choices.fset(self, as_choices(offered))

    def offers(self, value: Any) -> bool:
        """Whether this value is one of them; nothing is while none are named."""
        return value in {one.value for one in self.choices or ()}


class SelectField(Offering, wtforms.SelectField):
    """A drop-down."""


class RadioField(Offering, wtforms.RadioField):
    """Radio buttons or tiles, one of which is picked."""


class SelectMultipleField(Offering, wtforms.SelectMultipleField):
    """Boxes of which several may be ticked."""
