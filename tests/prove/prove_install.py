"""``./run prove-install``: Debian's nginx, PostgreSQL 15 and Redis with the very files of deploy/, and the main job.

Everything lies below one scratch folder into which deploy/install.sh puts its files; systemd does not run here, so a
small stand-in starts the units as their files say (account, environment, notice of readiness, filter of system calls).
The tests follow the runbook and stand in its order: each goes on where the one before it ended.
"""

from __future__ import annotations

import json
import re
import shutil
import ssl
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.prove.install import day, edge, machine, packages, servers, syscalls
from tests.prove.install.load import Load
from tests.prove.install.machine import run
from tests.prove.install.office import ACCOUNT, SOURCE, Office
from tests.prove.install.units import Unit
from tests.prove.install.visitor import HungUp, Visitor

HALL = "nanyandao"
Figure = Callable[[str], None]


@pytest.fixture(scope="module")
def office() -> Iterator[Office]:
    """An office on its first morning: servers up, nothing of the program started."""
    try:
        packages.insist_on_root()
        packages.fetch()
    except packages.CannotInstall as error:
        pytest.fail(str(error), pytrace=False)
    root = Path(tempfile.mkdtemp(prefix="yql-i-", dir="/tmp"))
    made = Office(root)
    try:
        made.install()
        servers.start_redis(made)
        servers.start_postgres(made)
        servers.start_nginx(made)
        yield made
    finally:
        made.stop()
        shutil.rmtree(root, ignore_errors=True)


@pytest.fixture(scope="module")
def diary() -> dict[str, object]:
    """What one test hands to the next: passwords, codes, who is signed in."""
    return {}


def test_packages(office: Office, figure: Figure) -> None:
    """Real binaries, whose versions are told."""
    figure(
        f"installed: {packages.versions()}; all below {len(list(office.root.rglob('*')))} files of one scratch folder"
    )


def test_first_day(office: Office, diary: dict[str, object], figure: Figure) -> None:
    """upgrade.sh takes the first release into service: tables by the owner's login, worker, scheduler, web."""
    begun = time.monotonic()
    done = office.upgrade(str(office.unpack("one")))
    assert done.returncode == 0, done.stdout + done.stderr + office.manager.log("yiqilai-web@a")
    seconds = time.monotonic() - begun
    diary["street"] = day.open_street(office)
    diary["password"] = day.open_hall(office, HALL, "NYD", "南盐道社区")
    ready = Visitor(office).get("/readyz")
    assert ready.status == 200, ready.text
    assert office.manager.enabled == {"yiqilai-web@a", "yiqilai-worker", "yiqilai-scheduler"}
    web = office.manager.running["yiqilai-web@a"]
    assert machine.owners(web.pid) == {ACCOUNT}
    filtered = Path(f"/proc/{web.pid}/status").read_text()
    assert "NoNewPrivs:\t1" in filtered
    assert "CapEff:\t0000000000000000" in filtered
    seccomp = re.findall(r"^Seccomp:\t(\d)", filtered, re.MULTILINE)[0]
    figure(f"first release in service after {seconds:.1f} s; web runs as {ACCOUNT}, no rights, system calls "
           f"{'filtered as the unit says' if seccomp == '2' else 'NOT filtered here (no libseccomp)'}")  # fmt: skip
    assert seccomp == "2" or not syscalls.works()


def test_units_are_well_formed_and_shut_in(office: Office, figure: Figure) -> None:
    """``systemd-analyze verify`` finds nothing; each service is shut in; exactly one scheduler; the timer is a time."""
    scores, units = machine.unit_scores(office.path("/etc/systemd/system"))
    assert max(scores.values()) <= 3.0, scores
    calendar = Unit.read(office.path("/etc/systemd/system"), "yiqilai-backup").one("ExecStart")
    assert "--keep 30" in calendar
    assert run("systemd-analyze", "calendar", "*-*-* 03:20:00 Asia/Shanghai").returncode == 0
    figure(f"systemd-analyze verify: {units} units, nothing found; exposure " + ", ".join(
        f"{name.removeprefix('yiqilai-').removesuffix('.service')} {score}" for name, score in scores.items()
    ) + " (0 is best, 10 worst)")  # fmt: skip


def test_postgresql_and_redis_are_set_as_written(office: Office, figure: Figure) -> None:
    """No line of ours was refused, the doors are shut, and no log holds what people typed."""
    machine.postgresql_is_as_written(office)
    machine.knock_without_password(office)
    machine.values_stay_out_of_the_log(office)
    machine.redis_is_as_written(office)
    figure("PostgreSQL: every line taken, scram asked for, superuser only as its own account, values of a failed "
           "statement not in the log; Redis: socket only, append-only, noeviction")  # fmt: skip


def test_main_job_by_host(office: Office, diary: dict[str, object], figure: Figure) -> None:
    """Secretary, resident, code, somebody else's phone, the worker's workbook; all over TLS under the hall's name."""
    secretary = day.first_day(office, HALL, str(diary["password"]))
    diary["secretary"] = secretary
    words = "南门口的路灯坏了三盏，晚上看不见"
    _who, code = day.speaks(office, HALL, words)
    diary["code"] = code
    assert "待初审" in day.tracks(office, HALL, code)
    seconds, cells = day.exports(secretary)
    assert any("路灯" in cell for cell in cells), cells[:40]
    street = Visitor(office)
    assert street.post("/sign-in", {"login": "guanli", "password": diary["street"]}).status == 303
    home = Visitor(office, HALL).get("/")
    assert home.headers["Strict-Transport-Security"] == "max-age=31536000"
    figure(
        f"main job by host: signed in, said, tracked by code, workbook by the worker {seconds:.1f} s after the click"
    )


def test_headers_and_hosts(office: Office, figure: Figure) -> None:
    """Foreign names are hung up on, forged headers are ignored, http leads to https, the inside stays inside."""
    edge.forged_headers_are_ignored(office, HALL)
    edge.foreign_names_get_nothing(office)
    edge.old_tls_is_refused(office)
    edge.http_leads_to_https(office, HALL)
    assert Visitor(office, HALL).get("/metrics").status == 404
    assert Visitor(office, "nobody-here").get("/").status == 404
    big = edge.big_form(office, HALL)
    assert big.status == 413
    assert "东西太大了" in big.words
    figure("foreign hosts: 4 of 4 hung up on (444), no certificate for a foreign name, TLS 1.1 refused, 6 forged "
           "headers ignored, http led on by 308, /metrics shut, HSTS exactly once")  # fmt: skip


def test_static_and_live_pages(office: Office, figure: Figure) -> None:
    """A file with its fingerprint is kept for a year and served by nginx; the page of a sitting is asked through."""
    who = Visitor(office, HALL)
    files = edge.static_files_are_kept(who)
    spent = edge.quiet_live_page(who, day.sitting_of(office, HALL))
    figure(f"static: {files} files of the home page kept a year, compressed, then 304; live page: 20 of "
           f"20 quiet asked 304, median {sorted(spent)[10] * 1000:.0f} ms with a new TLS connection each")  # fmt: skip


def test_upgrade_loses_no_request(office: Office, diary: dict[str, object], figure: Figure) -> None:
    """Under load: a new release, a broken one that nobody may meet, the way back, new settings; every answer counts."""
    one = office.path("/opt/yiqilai/releases/one")
    two, broken = office.unpack("two", one), office.unpack("broken", one)
    (two / "app/static/release.txt").write_text("two")
    (broken / "wsgi.py").write_text("raise SystemExit('this release is broken')\n")
    steps = []
    secretary = diary["secretary"]
    assert isinstance(secretary, Visitor)
    with Load(secretary) as load:
        for name, arguments, wanted in (
            ("new release", [str(two)], 0), ("broken release", [str(broken)], 1), ("back", ["--back"], 0),
            ("again", ["--again"], 0),
        ):  # fmt: skip
            begun = time.monotonic()
            done = office.upgrade(*arguments, PATIENCE="15")
            assert (done.returncode != 0) == bool(wanted), f"{name}: {done.stdout}{done.stderr}"
            steps.append(f"{name} {time.monotonic() - begun:.0f} s")
            release = office.path("/opt/yiqilai/current").resolve().name
            assert release == {"new release": "two", "broken release": "two"}.get(name, "one"), (name, release)
            time.sleep(1)
    figure(f"upgrade under load ({', '.join(steps)}): {load.told}")
    assert load.answers["GET 200"] > 100
    assert load.answers["POST 303"] > 100
    assert load.lost == []
    assert len([name for name in office.manager.running if name.startswith("yiqilai-web")]) == 1
    assert secretary.get("/desk").status == 200


def test_web_down_says_try_again(office: Office, diary: dict[str, object], figure: Figure) -> None:
    """With the web server stopped people read a page of the house that says to try again; then it works again."""
    web = next(name for name in office.manager.running if name.startswith("yiqilai-web"))
    office.systemctl("stop", web)
    who = Visitor(office, HALL)
    page = who.get("/")
    assert page.status == 503
    assert page.headers["Retry-After"]
    assert page.headers["Cache-Control"] == "no-store"
    assert "再试一次" in page.words
    assert "请退回上一页" in page.words
    assert 'lang="zh-CN"' in page.text
    assert "nginx" not in page.text
    sent = who.send("POST", "/say", b"words=x", {"Content-Type": "application/x-www-form-urlencoded"})
    assert sent.status == 503
    assert "再试一次" in sent.words
    office.systemctl("start", web)
    assert who.get("/").status == 200
    assert "待初审" in day.tracks(office, HALL, str(diary["code"]))
    figure("web stopped: 503 in Chinese with the house's look for GET and POST, Retry-After; started again: 200")


def test_main_job_by_path(office: Office, diary: dict[str, object], figure: Figure) -> None:
    """Where no wildcard is to be had: the other nginx file, one setting, and the same job under /c/<hall>/."""
    office.tenant_by = "path"
    env = office.path("/etc/yiqilai/yiqilai.env")
    env.write_text(env.read_text("utf-8").replace("TENANT_BY=host", "TENANT_BY=path"), "utf-8")
    office.install()
    servers.reload_nginx(office)
    done = office.upgrade("--again")
    assert done.returncode == 0, done.stdout + done.stderr
    with pytest.raises((HungUp, ssl.SSLError)):
        Visitor(office, host=f"{HALL}.{office.base}").get("/")
    password = day.open_hall(office, "xinzhao", "XZ", "新赵社区")
    secretary = day.first_day(office, "xinzhao", password)
    _who, code = day.speaks(office, "xinzhao", "楼道里的灯不亮")
    assert "待初审" in day.tracks(office, "xinzhao", code)
    seconds, cells = day.exports(secretary)
    assert any("楼道" in cell for cell in cells)
    neighbour = Visitor(office, HALL)
    neighbour.cookies = dict(secretary.cookies)
    assert neighbour.get("/desk").status in (302, 303), "a cookie of one hall opened the desk of another"
    home = secretary.get("/")
    assert re.search(r'href="/c/xinzhao/static/[^"]+css', home.text) or "/static/" in home.text
    asset = re.search(r'href="(/[^"]*/?static/[^"]+\.css[^"]*)"', home.text)
    assert asset
    kept = Visitor(office).get(asset[1])
    assert kept.status == 200
    assert "immutable" in kept.headers["Cache-Control"]
    figure(f"main job by path /c/xinzhao/: the same steps, workbook after {seconds:.1f} s; the neighbour's desk shut")


def test_logs_hold_nothing_personal(office: Office, diary: dict[str, object], figure: Figure) -> None:
    """No query, code, key or whole address in any log; a turn of the logs loses none and keeps half a year."""
    Visitor(office, HALL).get("/t/geheim-schluessel-123?phone=13812345678")
    Visitor(office, HALL).get("/matters?words=%E5%BC%A0%E4%B8%89")
    access = office.path("/var/log/yiqilai/access.log")
    lines = [json.loads(line) for line in access.read_text("utf-8").splitlines()]
    assert len(lines) > 200
    everything = "\n".join(path.read_text("utf-8", "replace") for path in (
        *office.path("/var/log/yiqilai").glob("*"), *office.logs.glob("*.log"),
        *office.path("/var/log/nginx").glob("*"),
    ))  # fmt: skip
    for secret in (
        str(diary["code"]),
        str(diary["password"]),
        "geheim-schluessel-123",
        "13812345678",
        "%E5%BC%A0",
        "路灯",
    ):
        assert secret not in everything, f"{secret!r} stands in a log"
    assert not any("?" in line["path"] for line in lines)
    assert {line["from"] for line in lines} == {"127.0.0.0"}
    conf = office.path("/etc/logrotate.d/yiqilai")
    turned = run("logrotate", "-f", "-s", str(office.root / "logrotate.state"), str(conf))
    assert turned.returncode == 0, turned.stderr
    deadline = time.monotonic() + 10
    while not (access.exists() and access.stat().st_size) and time.monotonic() < deadline:
        Visitor(office, HALL).get("/")
        time.sleep(0.2)
    assert access.stat().st_size > 0
    days = int(re.findall(r"rotate (\d+)", conf.read_text())[0])
    assert days >= 180
    assert "daily" in conf.read_text()
    assert "MaxRetentionSec=190day" in office.path("/etc/systemd/journald.conf.d/yiqilai.conf").read_text()
    figure(
        f"logs: {len(lines)} lines read, none with query, code, key, whole address; turned under work; kept {days} days"
    )


def test_backup(office: Office, diary: dict[str, object], figure: Figure) -> None:
    """The timer's unit archives this PostgreSQL 15 as cm_backup; it reads back whole; one hall is put back from it."""
    made = office.manager.run_once(Unit.read(office.path("/etc/systemd/system"), "yiqilai-backup"))
    assert made.returncode == 0, office.manager.log("yiqilai-backup")[-2000:]
    archives = [path for path in office.path("/var/backups/yiqilai").iterdir() if path.is_file()]
    assert len(archives) == 1
    size = archives[0].stat().st_size
    assert "完整" in office.flask("--owner", "backup", "verify", str(archives[0]))
    words = "备份以后才说的话"
    _who, later = day.speaks(office, HALL, words)
    servers.psql(office, "alter role yiqilai_owner superuser")
    put_back = office.flask("--owner", "backup", "restore", str(archives[0]), "--community", HALL, "--yes")
    servers.psql(office, "alter role yiqilai_owner nosuperuser")
    assert "恢复好了" in put_back, put_back
    assert "待初审" in day.tracks(office, HALL, str(diary["code"]))
    assert Visitor(office, HALL).post("/track", {"code": later}).status != 303
    with archives[0].open("r+b") as file:
        file.seek(size // 2)
        file.write(b"\0\0\0\0")
    with pytest.raises(AssertionError, match=r"改过|坏"):
        office.flask("--owner", "backup", "verify", str(archives[0]))
    figure(f"backup by its own unit as cm_backup: {size} bytes, verified; one hall put back from it beside the others; "
           "refused after four bytes were changed")  # fmt: skip


def test_compose_file(figure: Figure) -> None:
    """Only its syntax: nothing here can build or start it."""
    ask = "import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1]))))"
    told = run("/usr/bin/python3", "-c", ask, str(SOURCE / "deploy/compose/compose.yaml"))
    assert told.returncode == 0, told.stderr
    services = json.loads(told.stdout)["services"]
    assert {"web", "worker", "scheduler", "postgres", "redis", "nginx"} <= set(services)
    config = run("docker", "compose", "-f", str(SOURCE / "deploy/compose/compose.yaml"), "config", "-q")
    checked = "docker compose config: " + ("good" if config.returncode == 0 else config.stderr.strip()[:200])
    if "unknown" in config.stderr or "not a docker command" in config.stderr or config.returncode == 127:
        checked = "docker compose is not here"
    else:
        assert config.returncode == 0, config.stderr
    figure(f"compose.yaml: syntax only, {len(services)} services read; {checked}; it was NOT built or started")
