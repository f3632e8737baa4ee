"""Faults of the embedded servers: what a kill leaves behind must not keep the next start from finding its data."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
import redis

from deploy.supervise import children
from deploy.supervise.engines import EngineError, Engines, embedded_engines


def connect(engines: Engines) -> psycopg.Connection:
    return psycopg.connect(host=str(engines.pg_socket_dir), user="postgres", dbname="postgres", autocommit=True)


def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "nothing happened in time"
        time.sleep(0.02)


def test_acknowledged_rows_and_jobs_survive_a_killed_postmaster(tmp_path: Path) -> None:
    with embedded_engines(tmp_path / "data", fsync=True) as engines:
        with connect(engines) as line:
            line.execute("create table said (word text)")
            line.execute("insert into said values ('议事')")
        redis.Redis.from_url(engines.redis_url()).rpush("queue", "job")
        os.kill(engines.processes["postgres"].pid, signal.SIGKILL)
        until(lambda: engines.broken() == "postgres")
    with embedded_engines(tmp_path / "data", fsync=True) as engines:
        with connect(engines) as line:
            assert line.execute("select word from said").fetchall() == [("议事",)]
        assert redis.Redis.from_url(engines.redis_url()).llen("queue") == 1


def test_servers_left_running_are_ended_before_new_ones_start(tmp_path: Path) -> None:
    first = Engines(tmp_path, fsync=False)
    first.start()
    left = [process.pid for process in first.processes.values()]
    try:
        # A killed owner loses its lock and nothing else; the death signal is left out to be sure of the sweep.
        first._lock.close()
        with embedded_engines(tmp_path, fsync=False) as second:
            until(lambda: all(process.poll() is not None for process in first.processes.values()))
            assert children.living_in(second.places.valkey, "valkey-server") == [second.processes["valkey"].pid]
            assert second.processes["postgres"].pid not in left
            with connect(second) as line:
                assert line.execute("select 1").fetchone() == (1,)
                # Every statement is slow now: the log names it, never a value.
                line.execute("set log_min_duration_statement = 0")
                line.execute("select %s::text as said", ("王桂兰",))
            log = (second.places.log / "postgres.log").read_text()
            assert "as said" in log
            assert "王桂兰" not in log
    finally:
        first.stop()


def test_pid_file_naming_a_living_stranger_is_dropped(tmp_path: Path) -> None:
    with embedded_engines(tmp_path, fsync=False) as engines:
        data = engines.places.postgres
    for stale in (data / "postmaster.pid", engines.pg_socket_dir / ".s.PGSQL.5432.lock"):
        stale.write_text(f"{os.getppid()}\n{data}\n0\n5432\n{engines.pg_socket_dir}\n\n0 0\nready\n")
    with embedded_engines(tmp_path, fsync=False) as engines, connect(engines) as line:
        assert line.execute("select 1").fetchone() == (1,)


def test_second_start_in_one_folder_is_refused_and_harms_nothing(tmp_path: Path) -> None:
    with embedded_engines(tmp_path, fsync=False) as engines:
        with pytest.raises(EngineError, match="already in use"), embedded_engines(tmp_path, fsync=False):
            pass
        assert engines.broken() is None
        with connect(engines) as line:
            assert line.execute("select 1").fetchone() == (1,)


def test_path_too_long_for_a_socket_gets_a_short_private_folder(tmp_path: Path) -> None:
    with embedded_engines(tmp_path / ("长" * 40), fsync=False) as engines, connect(engines) as line:
        assert line.execute("select 1").fetchone() == (1,)
        assert not engines.pg_socket_dir.is_relative_to(tmp_path)
        assert engines.pg_socket_dir.stat().st_mode & 0o077 == 0
        engines.pg_socket_dir.stat()
    assert (tmp_path / ("长" * 40) / "postgres").is_dir()


def test_chinese_words_are_split_and_no_network_port_is_open(tmp_path: Path) -> None:
    with embedded_engines(tmp_path, fsync=False) as engines, connect(engines) as line:
        line.execute("create extension pg_trgm")
        assert line.execute("select cardinality(show_trgm('垃圾分类'))").fetchone()[0] > 0
        assert line.execute("show listen_addresses").fetchone() == ("",)
        assert redis.Redis.from_url(engines.redis_url()).config_get("port") == {"port": "0"}
