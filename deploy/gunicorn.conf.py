# ruff: noqa: N999  gunicorn looks for this name.
"""The web server: two processes with four threads each, so that an idle browser connection blocks nobody."""

import os
import shutil
from pathlib import Path

bind = os.environ.get("BIND") or f"127.0.0.1:{os.environ.get('PORT') or '8000'}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS") or "2")
threads = int(os.environ.get("WEB_THREADS") or "4")
# Read in once and shared: a second process costs a few milliseconds and only the memory of its own. Nothing may be
# connected before the fork; tests/house holds create_app to that.
preload_app = True
# Its place would be the home folder, which a service account need not have.
control_socket_disable = True
timeout = 60
graceful_timeout = 12
keepalive = 5
# The heartbeat file must not wait for a slow disk.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
errorlog = "-"
accesslog = None
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"lines": {"()": "deploy.lines.Lines"}},
    "handlers": {"lines": {"class": "logging.StreamHandler", "formatter": "lines", "stream": "ext://sys.stderr"}},
    "loggers": {"gunicorn.error": {"level": "INFO", "handlers": ["lines"], "propagate": False}},
    "root": {"level": "WARNING", "handlers": ["lines"]},
}

# Each process counts in files of its own, and /metrics adds them up. Two instances may serve during an upgrade, so each
# has a folder under the number of its first process.
_counts = Path(os.environ.get("DATA_DIR") or "instance") / "metrics"
os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(_counts / str(os.getpid())))


def on_starting(server):
    """Begin counting at nothing, and take away what instances counted that are gone."""
    for folder in _counts.glob("[0-9]*"):
        if not Path("/proc", folder.name).exists() or folder.name == str(os.getpid()):
            shutil.rmtree(folder, ignore_errors=True)
    Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]).mkdir(mode=0o700, parents=True, exist_ok=True)


def child_exit(server, worker):
    """A process that ended keeps its sums and loses what was only true while it lived."""
    from prometheus_client import multiprocess  # noqa: PLC0415  (only a process that ends needs it)

    multiprocess.mark_process_dead(worker.pid)
