"""The forms of a page as a browser would know them: where each posts to, its fields, their kinds and choices."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from urllib.parse import urljoin


@dataclass(frozen=True)
class Field:
    """One field: ``kind`` is an input's type, ``select`` or ``textarea``; ``options`` are what may be chosen.

    ``chosen`` are the options that the page shows as chosen, ``wrong`` says that the page marks the field.
    """

    name: str
    kind: str
    value: str = ""
    options: tuple[str, ...] = ()
    accept: str = ""
    chosen: tuple[str, ...] = ()
    wrong: bool = False


@dataclass
class Form:
    """One form of one page."""

    action: str
    method: str
    fields: list[Field] = field(default_factory=list)


class Reader(HTMLParser):
    """Collects forms and links of a page; buttons with their own address count as forms of their own."""

    def __init__(self, url: str) -> None:
        super().__init__(convert_charrefs=True)
        self.url = url
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.named: dict[str, Form] = {}
        self.form: Form | None = None
        self.select: tuple[dict[str, str], list[str], list[str], Form] | None = None
        self.area: tuple[dict[str, str], Form] | None = None
        # A summary of what is wrong leads to the fields by their ids.
        self.names: dict[str, str] = {}
        self.blamed: set[str] = set()
        self.typed = ""
        self.elsewhere: list[tuple[Form, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """One tag."""
        has = {name: value or "" for name, value in attrs}
        if has.get("id") and has.get("name"):
            self.names[has["id"]] = has["name"]
        if has.get("href", "").startswith("#"):
            self.blamed.add(has["href"][1:])
        for name in ("href", "hx-get", "data-href"):
            if has.get(name) and tag not in ("link", "use"):
                self.links.append(urljoin(self.url, has[name]))
        if has.get("hx-post"):
            self.forms.append(Form(urljoin(self.url, has["hx-post"]), "POST"))
        if tag == "form":
            self.form = Form(urljoin(self.url, has.get("action", "")), has.get("method", "get").upper())
            self.forms.append(self.form)
            self.named[has.get("id", "")] = self.form
        elif tag in ("input", "button", "textarea", "select", "option"):
            self._field(tag, has)

    def _field(self, tag: str, has: dict[str, str]) -> None:
        form = self.named.get(has["form"]) if has.get("form") else self.form
        name = has.get("name", "")
        if tag == "option" and self.select:
            self.select[1].append(has.get("value", ""))
            if "selected" in has:
                self.select[2].append(has.get("value", ""))
        elif form is None:
            return
        elif tag == "select":
            self.select = (has, [], [], form)
        elif tag == "textarea":
            self.area, self.typed = (has, form), ""
        else:
            if has.get("formaction"):
                self.elsewhere.append((form, urljoin(self.url, has["formaction"])))
            if name:
                self._put(form, name, has.get("type", "text" if tag == "input" else "submit"), has)

    def _put(self, form: Form, name: str, kind: str, has: dict[str, str]) -> None:
        value = has.get("value", "on" if kind == "checkbox" else "")
        same = next((n for n, one in enumerate(form.fields) if one.name == name and one.kind == kind), None)
        chosen = (value,) if "checked" in has else ()
        if same is not None and kind in ("radio", "checkbox", "submit"):
            before = form.fields[same]
            form.fields[same] = replace(before, options=(*before.options, value), chosen=(*before.chosen, *chosen))
        else:
            options = (value,) if kind in ("radio", "checkbox", "submit") else ()
            wrong = has.get("aria-invalid") == "true"
            form.fields.append(Field(name, kind, value, options, has.get("accept", ""), chosen, wrong))

    def handle_endtag(self, tag: str) -> None:
        """The end of one."""
        if tag == "form":
            self.form = None
        elif tag == "select" and self.select:
            has, options, chosen, form = self.select
            value = next((o for o in options if o), "")
            wrong = has.get("aria-invalid") == "true"
            form.fields.append(
                Field(has.get("name", ""), "select", value, tuple(options), chosen=tuple(chosen), wrong=wrong)
            )
            self.select = None
        elif tag == "textarea" and self.area:
            has, form = self.area
            # A browser drops the line that begins with the tag.
            typed, wrong = self.typed.removeprefix("\r").removeprefix("\n"), has.get("aria-invalid") == "true"
            form.fields.append(Field(has.get("name", ""), "textarea", typed, wrong=wrong))
            self.area = None

    def handle_data(self, data: str) -> None:
        """What stands in a field of several lines."""
        if self.area:
            self.typed += data


def read(url: str, page: str) -> tuple[list[Form], list[str]]:
    """The forms and the links of a page, addresses made whole."""
    reader = Reader(url)
    reader.feed(page)
    blamed = {reader.names.get(ident) or reader.names.get(f"{ident}-0", "") for ident in reader.blamed} - {""}
    for form in reader.forms:
        form.fields = [replace(one, wrong=True) if one.name in blamed else one for one in form.fields]
    others = [Form(address, "POST", list(form.fields)) for form, address in reader.elsewhere]
    return [*reader.forms, *others], reader.links
