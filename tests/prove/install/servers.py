"""Redis, PostgreSQL and nginx of an office, started directly with Debian's own configuration and ours on top."""

from __future__ import annotations

import os
import pwd
import socket
import subprocess
from pathlib import Path

from tests.prove.install.office import GROUP, Office, debians, initdb
from tests.prove.install.packages import POSTGRES
from tests.prove.install.units import read_env


def start_redis(office: Office) -> None:
    """Debian's redis.conf with our include at its end, as install.sh adds it."""
    run, data = office.path("/run/redis"), office.path("/var/lib/redis")
    for folder in (run, data):
        folder.mkdir(parents=True)
        os.chown(folder, pwd.getpwnam("redis").pw_uid, -1)
    conf = office.path("/etc/redis/redis.conf")
    conf.write_text(
        debians("/etc/redis/redis.conf", {
            r"^dir .*": f"dir {data}", r"^logfile .*": 'logfile ""', r"^pidfile .*": "",
            r"^daemonize .*": "daemonize no",
        }) + f"\ninclude {office.path('/etc/redis/yiqilai.conf')}\n"
    )  # fmt: skip
    # In the office the program is a member of the group "redis"; here both share one group.
    office.spawn("redis", ["/usr/bin/redis-server", str(conf)], "redis", GROUP, cwd=data)
    office.wait("redis", lambda: _open(run / "redis.sock"))


def start_postgres(office: Office) -> None:
    """Debian's server on a fresh cluster, with our conf.d and pg_hba.conf, then roles.sql."""
    etc, run = office.path("/etc/postgresql/15/main"), office.path("/var/run/postgresql")
    data = office.path("/var/lib/postgresql/15/main")
    initdb(data)
    run.mkdir(parents=True, exist_ok=True)
    os.chown(run, pwd.getpwnam("postgres").pw_uid, -1)
    with (data / "postgresql.conf").open("a") as conf:
        conf.write(f"hba_file = '{etc}/pg_hba.conf'\nunix_socket_directories = '{run}'\ninclude_dir '{etc}/conf.d'\n")
    command = [str(POSTGRES / "postgres"), "-D", str(data)]
    office.spawn("postgres", command, "postgres", cwd=data)
    office.wait("postgres", lambda: _answers(run))
    make_roles(office)


def _answers(run: Path) -> bool:
    ask = [str(POSTGRES / "pg_isready"), "-q", "-h", str(run)]
    return subprocess.run(ask, check=False).returncode == 0


def make_roles(office: Office) -> None:
    """roles.sql with the passwords of the environment files, as install.sh hands them over."""
    owner = _password(read_env(office.path("/etc/yiqilai/owner.env"))["DATABASE_OWNER_URL"])
    backup = _password(read_env(office.path("/etc/yiqilai/backup.env"))["DATABASE_BACKUP_URL"])
    told = f"\\set owner_password {owner}\n\\set backup_password {backup}\n"
    psql(office, told + (Path(__file__).resolve().parents[3] / "deploy/postgresql/roles.sql").read_text("utf-8"))


def psql(office: Office, statements: str, database: str = "postgres") -> str:
    """Statements as the superuser, who is let in only as the account "postgres"."""
    user = pwd.getpwnam("postgres")
    done = subprocess.run(
        ["psql", "-q", "-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", str(office.path("/var/run/postgresql")), "-d",
         database], input=statements, text=True, capture_output=True, check=False, user=user.pw_uid, group=user.pw_gid,
        extra_groups=[], cwd="/", env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def start_nginx(office: Office) -> None:
    """Debian's nginx.conf with our three files where it looks for them."""
    etc = office.path("/etc/nginx")
    temp = office.path("/var/lib/nginx")
    for folder in (temp, office.path("/var/log/nginx"), office.path("/run")):
        folder.mkdir(parents=True, exist_ok=True)
    changes = {
        r"^pid .*": f"pid {office.path('/run/nginx.pid')};",
        r"/etc/nginx/(conf\.d|sites-enabled)": rf"{etc}/\1",
        r"/var/log/nginx": str(office.path("/var/log/nginx")),
        r"^http \{": "http {\n" + "".join(
            f"\t{kind}_temp_path {temp}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        ),
    }  # fmt: skip
    (etc / "nginx.conf").write_text(debians("/etc/nginx/nginx.conf", changes))
    tested = subprocess.run(nginx(office, "-t"), capture_output=True, text=True, check=False)
    assert (tested.returncode, "[warn]" in tested.stderr) == (0, False), tested.stderr
    office.spawn("nginx", [*nginx(office), "-g", "daemon off;"])
    office.wait("nginx", lambda: _listens(office.https))


def nginx(office: Office, *arguments: str) -> list[str]:
    """nginx on this office's files."""
    conf, log = office.path("/etc/nginx/nginx.conf"), office.path("/var/log/nginx/error.log")
    return ["/usr/sbin/nginx", "-c", str(conf), "-e", str(log), *arguments]


def reload_nginx(office: Office) -> None:
    """Test the files and take them over without dropping anybody."""
    for arguments in (("-t",), ("-s", "reload")):
        done = subprocess.run(nginx(office, *arguments), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def _password(url: str) -> str:
    return url.partition("://")[2].partition(":")[2].rpartition("@/")[0]


def _open(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as line:
        return line.connect_ex(str(path)) == 0


def _listens(port: int) -> bool:
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0
