"""What people send, made fit to be kept, before any door looks at it.

Two kinds of letters reach a form that no keyboard writes on purpose. A NUL and its like cannot be stored at all
(PostgreSQL refuses them, and half of a surrogate pair cannot even be written to the wire), and a control letter in a
line can forge a header or a line of a log. They are taken out here, once, for every field, query and file name, so that
no door has to remember it. Tabs and line ends stay; so do rare characters, emoji and the joiners inside them.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from babel.support import Translations
from flask import Request
from flask_babel import get_locale
from werkzeug.datastructures import FileStorage, ImmutableMultiDict, MultiDict
from werkzeug.exceptions import BadRequest
from werkzeug.utils import cached_property
from wtforms.i18n import messages_path

#: C0 without tab, line feed and carriage return; delete and C1; halves of surrogate pairs; the two non-characters.
UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def fit(text: str) -> str:
    """The text without what no store and no page can hold."""
    return UNFIT.sub("", text)


class TypedRequest(Request):
    """A request whose fields hold only letters that can be kept."""

    @cached_property
    def args(self) -> MultiDict[str, str]:  # type: ignore[override]
        """The query, cleaned."""
        return _fit_all(super().args)

    @property
    def is_json(self) -> bool:
        """Never: the office takes in forms alone. Flask-WTF would lay any JSON over a form, what is no object with an
        error of its own and what is one past the cleaning here."""
        return False

    @cached_property
    def wtforms_translations(self) -> Any:
        """The forms' own few words in the reader's language. Flask-WTF looks here first and otherwise searches the
        disk for them with every request that has a form."""
        return _form_words(str(get_locale()))

    def _load_form_data(self) -> None:
        if "form" in self.__dict__:
            return
        try:
            super()._load_form_data()
        except Exception as error:
            # A body whose pieces cannot be told apart is told by the web server with errors of its own.
            if type(error).__module__.startswith("gunicorn."):
                raise BadRequest from error
            raise
        kept: dict[str, Any] = self.__dict__
        kept["form"] = _fit_all(kept["form"])
        for upload in kept["files"].values():
            _rename(upload)


@cache
def _form_words(locale: str) -> Any:
    return Translations.load(messages_path(), [locale], domain="wtforms")


def _fit_all(given: MultiDict[str, str]) -> ImmutableMultiDict[str, str]:
    pairs = [(fit(name), fit(value)) for name, value in given.items(multi=True)]
    return ImmutableMultiDict(pairs)


def _rename(upload: FileStorage) -> None:
    if upload.filename:
        upload.filename = fit(upload.filename)
