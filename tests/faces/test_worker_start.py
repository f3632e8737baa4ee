"""A worker may be started beside its store, before the store can answer."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from redis import Redis
from redis.exceptions import RedisError

from app.faces.cli import jobs


def test_a_worker_waits_for_its_store(app: Flask, tmp_path: Path) -> None:
    there, later = urlsplit(app.config["REDIS_URL"]).path, tmp_path / "later.sock"
    client = Redis(unix_socket_path=str(later))
    with pytest.raises(RedisError):
        client.ping()
    threading.Timer(0.2, os.symlink, (there, later)).start()
    jobs._await_store(client)
    assert client.ping()


def test_a_store_that_never_comes_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(jobs, "STORE_PATIENCE", 0.1)
    client = Redis(unix_socket_path=str(tmp_path / "never.sock"))
    jobs._await_store(client)
    with pytest.raises(RedisError):
        client.ping()
