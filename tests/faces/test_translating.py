"""The templates' quick ``_`` says what Babel's says, in every language, and fills values in safely."""

from __future__ import annotations

from typing import Any

import pytest
from babel.support import NullTranslations
from flask import Flask
from flask_babel import force_locale, get_babel, refresh
from markupsafe import Markup

from tenants.database import db


class English(NullTranslations):
    """A catalogue of one word."""

    def ugettext(self, message: str) -> str:
        return {"首页": "Home"}.get(message, message)


@pytest.fixture
def say(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What templates call ``_``, with a catalogue that does not wait for the translators."""
    with app.app_context():
        monkeypatch.setitem(get_babel().instance.domain_instance.cache, ("en", "messages"), English())
    return app.jinja_env.globals["_"]


def test_it_follows_the_language_within_a_request(app: Flask, say: Any) -> None:
    with app.test_request_context("/", headers={"Cookie": "language=en"}):
        assert say("首页") == "Home"
        with force_locale("zh_Hans"):
            assert say("首页") == "首页"
        assert say("首页") == "Home"
        refresh()
        assert say("首页") == "Home"
    with app.test_request_context("/"):
        assert say("首页") == "首页"


def test_values_are_escaped_and_the_words_themselves_are_markup(app: Flask, say: Any) -> None:
    with app.test_request_context("/"):
        told = say("一共 %(n)s 件", n="<b>")
        assert told == "一共 &lt;b&gt; 件"
        assert isinstance(told, Markup)
        assert say("到了 50%%") == "到了 50%"
        assert app.jinja_env.from_string("{{ _('%(n)s 件', n='<i>') }}").render() == "&lt;i&gt; 件"


def test_plans_outlive_the_rollback_that_ends_a_page(browse: Any) -> None:
    """A page that only reads ends with a ROLLBACK; its statements must not be planned anew each time."""
    neighbour = browse()
    for _ in range(8):
        assert neighbour.get("/matters").status_code == 200
    with neighbour.app.app_context():
        line = db.engines[None].raw_connection()
        cursor = line.cursor()
        cursor.execute("select count(*) from pg_prepared_statements where statement like '%matter%'")
        assert cursor.fetchone()[0] >= 2
        line.close()
