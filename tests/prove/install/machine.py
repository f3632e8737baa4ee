"""What is laid on the machine: units, accounts, PostgreSQL and Redis as their files say."""

from __future__ import annotations

import contextlib
import pwd
import re
import subprocess
from pathlib import Path

import psycopg

from tests.prove.install import servers
from tests.prove.install.office import ACCOUNT, Office
from tests.prove.install.units import read_env


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """A program of the machine; 127 where it is missing, as a shell says it."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, input="")
    except FileNotFoundError as error:
        return subprocess.CompletedProcess(command, 127, "", str(error))


def owners(pid: int) -> set[str]:
    """Whose process it is."""
    return {pwd.getpwuid(Path(f"/proc/{pid}").stat().st_uid).pw_name}


def unit_scores(folder: Path) -> tuple[dict[str, float], int]:
    """How open each service is (0 is best, 10 worst), and how many units there are; none may be malformed."""
    units = sorted(path for path in folder.iterdir())
    names = [str(path).replace("web@.", "web@a.") for path in units]
    told = run("systemd-analyze", "verify", "--man=no", *names)
    ours = [line for line in told.stderr.splitlines() if "yiqilai" in line]
    assert (told.returncode, ours) == (0, []), told.stderr
    scores = {}
    for path in units:
        if path.suffix != ".service":
            continue
        analysed = run("systemd-analyze", "security", "--no-pager", "--offline=yes", str(path))
        scores[path.name] = float(re.findall(r"exposure level for \S+: ([\d.]+)", analysed.stdout)[0])
    return scores, len(units)


def postgresql_is_as_written(office: Office) -> None:
    """No line of ours was refused, the limits hold, no login is strong, Chinese words are letters."""
    wrong = servers.psql(office, "select name, error from pg_file_settings where error is not null")
    assert wrong.strip() == "", wrong
    asked = ("listen_addresses", "password_encryption", "log_parameter_max_length", "log_error_verbosity", "jit",
             "shared_buffers", "timezone")  # fmt: skip
    told = servers.psql(office, ";".join(f"show {name}" for name in asked)).split("\n")[: len(asked)]
    assert told == ["", "scram-sha-256", "0", "terse", "off", "2GB", "UTC"]
    roles = servers.psql(
        office, "select rolname, rolconfig from pg_roles where rolname in ('cm_login', 'cm_guest_login')"
    )
    assert roles.count("statement_timeout=15s") == 2
    assert roles.count("lock_timeout=5s") == 2
    strong = servers.psql(
        office, "select rolname from pg_roles where rolname like any (array['cm%','yiq%']) and rolsuper"
    )
    assert strong.strip() == ""
    collate = servers.psql(office, "select datctype from pg_database where datname = 'yiqilai'")
    assert collate.strip() == "C.UTF-8", "a cluster made without a language would lose Chinese words in searches"


def redis_is_as_written(office: Office) -> None:
    """It keeps everything and listens on its socket only."""
    redis = ["redis-cli", "-s", str(office.path("/run/redis/redis.sock")), "config", "get"]
    for name, value in (("appendonly", "yes"), ("maxmemory-policy", "noeviction"), ("port", "0")):
        assert run(*redis, name).stdout.split() == [name, value]


def knock_without_password(office: Office) -> None:
    """No login of the database opens without its password."""
    host = str(office.path("/var/run/postgresql"))
    somebody = ("setpriv", f"--reuid={ACCOUNT}", "--regid=www-data", "--clear-groups")
    for login, database in (("cm_login", "yiqilai"), ("postgres", "yiqilai"), ("yiqilai_owner", "yiqilai")):
        knock = run(*somebody, "psql", "-w", "-h", host, "-U", login, "-d", database, "-c", "select 1")
        assert knock.returncode != 0, f"{login} was let in"


def values_stay_out_of_the_log(office: Office) -> None:
    """A statement that fails leaves its complaint in the log and nothing that people typed."""
    url = read_env(office.path("/etc/yiqilai/yiqilai.env"))["DATABASE_URL"].replace("+psycopg", "")
    with psycopg.connect(url) as conn, contextlib.suppress(psycopg.errors.UniqueViolation):
        conn.execute("create temporary table phone (number text unique)")
        for _ in range(2):
            conn.execute("insert into phone values (%s)", ("13812345678",))
    log = office.log("postgres")
    assert "duplicate key" in log
    assert "13812345678" not in log
