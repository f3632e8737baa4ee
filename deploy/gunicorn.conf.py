# ruff: noqa: N999  gunicorn looks for this name.
"""The web server: two processes with four threads each, so that an idle browser connection blocks nobody."""

import os

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
