"""``_`` for templates, made quick: a page asks it two hundred times, and nearly always for the same words.

Flask-Babel looks its context, domain, locale and catalogue up anew for every word. Here the table of the reader's
language is found once a request, and what has no values to fill in is made ready once a process.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, g
from flask_babel import get_locale, get_translations
from markupsafe import Markup

from app.faces.phrasing import OpenMarks, marks


class Table(dict[str, Markup]):
    """The words of one language as they are printed: looked up in its catalogue at the first need, then kept."""

    def __init__(self, translations: Any) -> None:
        super().__init__()
        self.translations = translations

    def __missing__(self, message: str) -> Markup:
        text = Markup(self.translations.ugettext(message))  # noqa: S704  our own catalogue, as the i18n extension does
        # The texts of our templates come to an end; a text put together at run time would not.
        if len(self) < KEPT:
            self[message] = text
        return text


#: More than all catalogues hold; a table never grows beyond it.
KEPT = 20_000


def init_translating(app: Flask) -> None:
    """Put the quick ``_`` into the templates of this program; ``gettext`` and ``trans`` stay Babel's."""
    tables: dict[Any, Table] = {}

    def table() -> Table:
        state = getattr(g._get_current_object(), "_flask_babel", None)
        locale = getattr(state, "babel_locale", None)
        kept = getattr(state, "table", None)
        # A language that is chosen or forced in the middle of a request is another object here.
        if kept is not None and locale is not None and kept[0] is locale:
            found: Table = kept[1]
            return found
        return _begin(tables)

    def translate(message: str, /, **values: Any) -> Markup:
        text = table()[message if type(message) is str else str(message)]
        return text % values if values or "%" in text else text

    app.jinja_env.globals["_"] = translate
    app.jinja_env.globals["reader_marks"] = marks
    app.jinja_env.add_extension(OpenMarks)


def _begin(tables: dict[Any, Table]) -> Table:
    """Find the table of this moment's language and note it where Babel notes the language itself."""
    if not g:
        return Table(get_translations())
    locale = get_locale()
    translations = get_translations()
    kept = tables.get(str(locale))
    if kept is None or kept.translations is not translations:
        kept = tables[str(locale)] = Table(translations)
    g._flask_babel.table = (locale, kept)
    return kept
