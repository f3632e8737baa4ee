"""What a form offers: pairs become what the form library wants, and nobody goes past our own fields."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import pytest
from werkzeug.datastructures import MultiDict
from wtforms import Form
from wtforms.fields.choices import SelectChoice

from app.faces.choosing import RadioField, SelectField, SelectMultipleField

APP = Path(__file__).parents[2] / "app"
PAIRS = [("a", "甲"), ("b", "乙")]


@pytest.mark.parametrize("kind", [SelectField, RadioField, SelectMultipleField])
@pytest.mark.parametrize("offered_later", [False, True])
def test_pairs_become_choices_whenever_they_are_named(kind: type, offered_later: bool) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        asked = type("Asked", (Form,), {"one": kind("选", choices=None if offered_later else PAIRS)})
        form = asked(MultiDict({"one": "b"}))
        if offered_later:
            assert (form.one.choices, form.one.offers("b")) == (None, False)
            form.one.choices = PAIRS[:1]
            form.one.choices += PAIRS[1:]
        assert form.one.choices == [SelectChoice("a", "甲"), SelectChoice("b", "乙")]
        assert form.validate()
        assert [(option.data, option.checked) for option in form.one] == [("a", False), ("b", True)]
    assert form.one.offers("b")
    assert not form.one.offers("c")


def test_a_form_of_the_house_takes_the_fields_of_the_house() -> None:
    taken = re.compile(r"^from wtforms(\.\w+)* import [^\n(]*(\([^)]*)?\b(Select|SelectMultiple|Radio)Field\b", re.M)
    found = [str(path.relative_to(APP)) for path in APP.rglob("*.py") if taken.search(path.read_text())]
    assert not found, (
        f"take these from app.faces.choosing, which keeps to what the form library will still accept: {found}"
    )
