"""The laws of the house. A law that fails says what to write instead."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import create_app
from app.faces.context import page_context
from app.people.permissions import ANYONE, HELD, Permission
from tenants.database import db
from tests import harness

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "app"
ROOMS = ("people", "matter", "flow", "talent", "notices", "records")
CJK = re.compile(r"[\u4e00-\u9fff]")


def sources(*folders: str) -> Iterator[tuple[Path, str]]:
    for folder in folders:
        for path in sorted((APP / folder).rglob("*.py")):
            yield path, path.read_text(encoding="utf-8")


def templates() -> list[Path]:
    return sorted((APP / "templates").rglob("*.html"))


def offences(pattern: str, *folders: str) -> list[str]:
    found = []
    for path, source in sources(*folders):
        for number, line in enumerate(source.splitlines(), 1):
            if re.search(pattern, line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()}")
    return found


def test_rooms_never_commit():
    assert not offences(r"session\.(commit|rollback)\(", *ROOMS), (
        "the edge commits once: return, and let the door commit"
    )


def test_rooms_never_read_the_clock():
    pattern = r"datetime\.(now|utcnow|today)\(|date\.today\(|clock\.(now|today)\("
    assert not offences(pattern, *ROOMS), "take `now` as an argument; the edge reads app.clock"


def test_lines_of_one_moment_keep_their_order():
    pattern = r"order_by\(.*TimelineEntry\.at(\.desc\(\))?(,\s*TimelineEntry\.id\b|\s*[),](?!.*TimelineEntry\.seq))"
    found = offences(pattern, ".")
    assert not found, "one act writes several lines at one moment: order by TimelineEntry.at, TimelineEntry.seq"


def test_a_program_just_made_is_connected_to_nothing(place):
    """The web server makes the program once and forks; two processes must never speak on one connection."""
    app = create_app(harness.settings(place["owner"], place["database"], place["redis"], place["data_dir"]))
    with app.app_context():
        assert not any(engine.pool.checkedin() + engine.pool.checkedout() for engine in db.engines.values())
    assert not app.extensions["redis"].connection_pool._available_connections


def test_jobs_go_through_the_kernel():
    assert not offences(r"\.enqueue\w*\(", "."), "use tenants.queue.enqueue(scope, 'module:function')"


def test_urls_come_from_site_url():
    hits = [hit for hit in offences(r"\burl_for\(", ".") if "look.py" not in hit]
    assert not hits, "use tenants.hosts.site_url so that halls by host and by path both work"


def test_nobody_else_opens_an_engine():
    assert not offences(r"create_engine\(|Redis\(|Redis\.from_url", "."), "only tenants/ holds an engine or Redis"


def test_pure_files_import_nothing_of_the_world():
    for path, source in sources("."):
        if path.name not in ("rules.py", "stages.py"):
            continue
        for node in ast.walk(ast.parse(source)):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            wrong = [n for n in names if n.split(".")[0] in ("flask", "sqlalchemy", "tenants", "redis", "rq")]
            assert not wrong, f"{path.relative_to(ROOT)} is pure: hand it values instead of importing {wrong}"


def test_every_permission_is_held_by_somebody():
    held = set().union(*HELD.values()) | ANYONE | {Permission.GUEST_ANSWER, Permission.GUEST_TASK}
    assert set(Permission) == held, "drop a permission that nobody holds, or give it to a role"


@pytest.fixture
def doors(app):
    return app.extensions["doors"]


def test_every_url_is_a_door(app, doors):
    free = {"static", "healthz", "readyz"}
    strays = {rule.endpoint for rule in app.url_map.iter_rules()} - set(doors) - free
    assert not strays, f"{strays}: put the view into a table of doors with its permission"


def test_doors_are_nouns_in_kebab_case_with_typed_parameters(doors):
    for endpoint, (_site, door) in doors.items():
        assert door.method in ("GET", "POST"), f"{endpoint}: pages send only GET and POST"
        plain = re.sub(r"<(uuid|int|string)(\([a-z]+=\d+\))?:[a-z_]+>", "", door.url)
        assert "<" not in plain, f"{endpoint}: give the parameter a type, as in <uuid:matter_id>"
        assert re.fullmatch(r"/|(/[a-z0-9.-]*)+", plain), f"{endpoint}: {door.url} is not kebab-case"


def test_printed_urls_are_frozen(doors):
    """QR codes and printed slips must not rot: a URL may be added here, never taken away or changed."""
    frozen = (ROOT / "tests/house/urls.txt").read_text().split("\n")
    now = {f"{door.method} {site} {door.url}" for site, door in doors.values()}
    gone = [line for line in frozen if line and line not in now]
    assert not gone, f"these URLs have been printed: {gone}"
    missing = sorted(now - set(frozen))
    assert not missing, "add to tests/house/urls.txt:\n" + "\n".join(missing)


@pytest.mark.parametrize("path", templates(), ids=lambda p: str(p.relative_to(APP / "templates")))
def test_a_template_is_only_a_page(path):
    source = path.read_text(encoding="utf-8")
    assert not re.search(r"\sstyle=", source), "the policy forbids inline style: use a class of hall.css"
    assert not re.search(r"\son[a-z]+=\"", source), "no handlers in markup: app/static/hall.js listens"
    assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>(?!\s*</script>)", source) or "nonce" in source
    assert not re.search(r"\b(session\.(execute|scalars?|query)|\.query\b|db\.)", source), "no query in a template"
    assert "url_for(" not in source or "static" in source, "use url(endpoint, …)"
    if "kit.empty(" in source and "{% extends" in source:
        assert "stool_symbols" in source, "the empty stool is drawn only where the page brings its drawing"
    for number, line in enumerate(_without_marked_text(source).splitlines(), 1):
        assert not CJK.search(line), f"{path.name}:{number}: user text goes through _('…'): {line.strip()[:80]}"


def test_nobody_overwrites_what_every_page_is_told(app):
    """``here`` is the address the switch for elders comes back to: a page that uses the name leads it astray."""
    with app.test_request_context("/"):
        taken = set(page_context())
    wrong = [
        f"{path.relative_to(ROOT)}:{call.lineno}: {word.arg}"
        for path, source in sources("faces")
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call) and _names_a_page(call)
        for word in call.keywords
        # The page of a poster is in large print from the start: there the name means the same.
        if word.arg in taken and (path.name, word.arg) != ("points.py", "elder")
    ]
    for path in templates():
        for found in re.finditer(r"\{%-?\s*(?:set|with)\s+(\w+)", path.read_text(encoding="utf-8")):
            wrong += [f"{path.relative_to(ROOT)}: {found[1]}"] if found[1] in taken else []
    assert not wrong, "page_context() hands these names to every page, take another:\n" + "\n".join(wrong)


def _names_a_page(call: ast.Call) -> bool:
    first = call.args[0] if call.args else None
    return isinstance(first, ast.Constant) and str(first.value).endswith(".html")


def _without_marked_text(source: str) -> str:
    """Blank out comments and every string inside a Jinja expression or tag, keeping the lines."""

    def blank(found: re.Match[str]) -> str:
        return re.sub(r"[^\n]", " ", found[0])

    source = re.sub(r"\{#.*?#\}|<!--.*?-->", blank, source, flags=re.S)
    source = re.sub(r"\{%-?\s*trans.*?endtrans\s*-?%\}", blank, source, flags=re.S)
    return re.sub(r"\{\{.*?\}\}|\{%.*?%\}", blank, source, flags=re.S)


def test_templates_mark_what_they_say():
    """Inside a Jinja expression Chinese stands only in _('…'), gettext or ngettext, never as a bare string."""
    wrong = []
    for path in templates():
        source = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.S)
        for expression in re.findall(r"\{\{.*?\}\}|\{%.*?%\}", source, flags=re.S):
            bare = re.sub(
                r"(_|gettext|ngettext|pgettext)\(\s*(['\"]).*?\2(\s*,\s*(['\"]).*?\4)?", "", expression, flags=re.S
            )
            if CJK.search(bare):
                wrong.append(f"{path.relative_to(ROOT)}: {bare.strip()[:90]}")
    assert not wrong, "mark user text with _('…'):\n" + "\n".join(wrong)
