"""``python -m deploy.supervise demo | serve | engines | flask …``, as ``./run`` calls it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

from deploy.supervise.binaries import EngineError
from deploy.supervise.children import die_with_parent
from deploy.supervise.settings import (
    ROOT,
    Settings,
    claimed_mode,
    is_prepared,
    note_prepared,
    publish,
    published,
    withdraw,
)
from deploy.supervise.supervisor import FLASK, PREPARE, Stopped, Supervisor, stop_signals

USAGE = "usage: python -m deploy.supervise demo | serve | engines | flask …"
JOIN_PATIENCE = 60.0
#: Commands that need no server at all: anybody may count a downloaded box again on any machine.
ALONE = (("ballot", "recount"),)


def is_alone(arguments: list[str]) -> bool:
    """Whether the command reads nothing but what it is given; a log's file is verified where no office is."""
    on_a_file = any(word == "--file" or word.startswith("--file=") for word in arguments)
    against_an_office = {"--community", "--street"} & {word.partition("=")[0] for word in arguments}
    if tuple(arguments[:2]) == ("audit", "verify") and on_a_file and not against_an_office:
        return True
    return tuple(arguments[:2]) in ALONE


def main(arguments: list[str]) -> int:
    verb, rest = (arguments[0], arguments[1:]) if arguments else ("", [])
    if verb in ("demo", "serve") and not rest:
        settings = Settings.read(verb)
        return Supervisor(settings, settings.engines()).run()
    if verb == "engines" and not rest:
        return hold_engines()
    if verb == "flask":
        return flask(rest)
    print(USAGE, file=sys.stderr)
    return 2


def hold_engines() -> int:
    """Only the two servers, in the foreground; prints their addresses as shell assignments."""
    settings = Settings.read(os.environ.get("YIQILAI_MODE") or claimed_mode(Settings.read("serve").data))
    engines = settings.engines()
    with stop_signals():
        try:
            engines.start()
            publish(settings, engines)
            for name, value in settings.addresses(engines).items():
                print(f"export {name}='{value}'", flush=True)
            while engines.broken() is None:
                time.sleep(0.5)
            raise EngineError(f"{engines.broken()} ended by itself.")
        except Stopped:
            return 0
        finally:
            withdraw(settings)
            engines.stop()


def flask(arguments: list[str]) -> int:
    """A command of the program: on servers from outside, on the running ones, or on servers started for it alone."""
    settings = Settings.read(os.environ.get("YIQILAI_MODE") or claimed_mode(Settings.read("serve").data))
    command = [*FLASK, *arguments]
    engines = settings.engines()
    if is_alone(arguments) or not any(engines.wanted.values()):
        os.environ.setdefault("DATA_DIR", str(settings.data))
        os.environ.setdefault("YIQILAI_MODE", settings.mode)
        os.chdir(ROOT)
        os.execv(command[0], command)
    try:
        engines.take()
    except EngineError:
        return _call(command, {**os.environ, **_running(settings)})
    try:
        engines.start()
        env = settings.environment(engines)
        publish(settings, engines)
        if not is_prepared(settings) and command != list(PREPARE):
            if subprocess.run(PREPARE, env=env, cwd=ROOT, check=False, stdout=subprocess.DEVNULL).returncode != 0:
                raise EngineError("the tables could not be made.")
            note_prepared(settings)
        return _call(command, env)
    finally:
        withdraw(settings)
        engines.stop()


def _running(settings: Settings) -> dict[str, str]:
    deadline = time.monotonic() + JOIN_PATIENCE
    while (found := published(settings.data)) is None:
        if time.monotonic() > deadline:
            raise EngineError(f"{settings.data} is in use, but its servers do not say where they are.")
        time.sleep(0.1)
    return found


def _call(command: list[str], env: dict[str, str]) -> int:
    """Run in the foreground with our terminal. Ctrl-C reaches the command by itself; SIGTERM is handed on."""
    process = subprocess.Popen(command, env=env, cwd=ROOT, preexec_fn=die_with_parent(signal.SIGTERM, os.getpid()))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda number, frame: process.terminate())
    return process.wait()


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except EngineError as error:
        sys.exit(f"error: {error}")
