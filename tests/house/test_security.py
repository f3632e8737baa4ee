"""What docs/security.md says is proven by tests that exist; secrets come from the environment; locks carry hashes."""

from __future__ import annotations

import ast
import json
import re
import stat
from functools import cache
from pathlib import Path

import pytest

from app.config import from_environment

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "docs/security.md"
KEYS = ("SECRET_KEY", "WTF_CSRF_SECRET_KEY", "HMAC_KEY", "SEAL_KEY")
#: What could hold a secret: the program, what installs it, and what runs it. Test data and locked hashes are none.
SHIPPED = ("app", "tenants", "deploy", ".ci", "run", "wsgi.py", "pyproject.toml")
SECRETS = (
    r"-----BEGIN [A-Z ]*PRIVATE KEY",
    r"([Ss]ecret|SECRET|[Pp]assw(?:or)?d|PASSWORD|[Tt]oken|TOKEN|[Aa]pi_?[Kk]ey|(?:API|SEAL|HMAC)_KEY)"
    r"\b([\"']\s*:\s*|\s*=\s*|:\s+)[\"'][^\"'\s{}<>%$]{12,}[\"']",
    r"\b[a-z+]+://(?!user:password@)[^\s:/@\"'{}<>%$]+:[^\s@\"'{}<>%$]{6,}@",
    r"[\"'][0-9a-fA-F]{40,}[\"']",
)


@cache
def names_in(path: str) -> frozenset[str]:
    """The names of the tests in a file of ours; empty where there is none."""
    if not (ROOT / path).is_file():
        return frozenset()
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def rows() -> list[list[str]]:
    """The lines of the table's chapters: requirement, how, proof."""
    lines = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if re.match(r"\| \d", line)]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_every_test_that_the_table_names_exists() -> None:
    text = TABLE.read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", text)
    assert len(named) > 100
    gone = sorted({f"{path}::{name}" for path, name in named if name not in names_in(path)})
    assert not gone, "docs/security.md names tests that are not there:\n" + "\n".join(gone)
    verbs = (ROOT / "run").read_text(encoding="utf-8")
    assert all(f"./run {verb}" in verbs for verb in re.findall(r"`\./run ([\w-]+)`", text))


def test_every_line_of_the_table_is_proven_or_says_not_yet_and_why() -> None:
    seen = set()
    for row in rows():
        assert len(row) == 3, row
        requirement, how, proof = row
        seen.add(int(requirement.split(".")[0]))
        assert requirement.split()[0] not in {"", "-"}
        if "not yet" in proof or "n/a" in proof:
            assert len(how) + len(proof) > 30, f"say why: {row}"
        else:
            assert "::" in proof or "`./run " in proof or "`./run " in how, f"no proof: {row}"
    assert seen == set(range(1, 15))


def shipped() -> list[Path]:
    """The text files that leave this folder with the program, without pictures, fonts, locks and third parties."""
    found = []
    for name in SHIPPED:
        place = ROOT / name
        for path in [place] if place.is_file() else sorted(place.rglob("*")):
            parts = path.relative_to(ROOT).parts
            if path.is_file() and not {"__pycache__", "locks", "vendor", "static"} & set(parts):
                found.append(path)
    return found


def test_no_key_stands_in_the_tree() -> None:
    found = []
    for path in shipped():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for pattern in SECRETS:
            found += [f"{path.relative_to(ROOT)}: {hit[0][:80]}" for hit in re.finditer(pattern, text)]
    assert not found, "secrets come from the environment:\n" + "\n".join(found)


@pytest.mark.parametrize("planted", ['password = "x8fK2mQz91Lp"', "smtp://me:hunter2hunter@host", f'k = "{"ab" * 20}"'])
def test_the_search_for_keys_finds_a_planted_one(planted: str) -> None:
    assert any(re.search(pattern, planted) for pattern in SECRETS)


def test_keys_come_from_the_environment_and_nowhere_else(tmp_path: Path) -> None:
    given = {name: f"given-{name}" for name in KEYS}
    read = from_environment({"DATA_DIR": str(tmp_path), "SECRET_KEY_FALLBACKS": "older  oldest", **given})
    assert {name: read[name] for name in KEYS} == given
    assert read["SECRET_KEY_FALLBACKS"] == ["older", "oldest"]
    assert not list((tmp_path / "keys").iterdir()), "what is given is not written down"
    own, again = (from_environment({"DATA_DIR": str(tmp_path)}) for _time in range(2))
    assert len({own[name] for name in KEYS}) == len(KEYS), "each key is its own"
    assert {name: own[name] for name in KEYS} == {name: again[name] for name in KEYS}
    for kept in (tmp_path / "keys").iterdir():
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        assert len(kept.read_text()) == 64
    other = from_environment({"DATA_DIR": str(tmp_path / "other")})
    assert not {own[name] for name in KEYS} & {other[name] for name in KEYS}


def test_every_locked_package_carries_its_hash_and_the_installer_asks_for_it() -> None:
    locks = sorted((ROOT / "deploy/locks").glob("requirements*.txt"))
    assert len(locks) >= 3
    for lock in locks:
        text = lock.read_text(encoding="utf-8").replace("\\\n", " ")
        lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
        wrong = [line[:60] for line in lines if "--hash=sha256:" not in line or "==" not in line]
        assert lines
        assert not wrong, f"{lock.name}: {wrong}"
    packages = json.loads((ROOT / "deploy/locks/package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert all(kept.get("integrity", "").startswith("sha512-") for name, kept in packages.items() if name)
    installs = [line for line in (ROOT / "run").read_text().splitlines() if "pip install" in line]
    assert installs
    assert all("--require-hashes" in line for line in installs), installs
