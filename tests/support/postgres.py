"""A throwaway PostgreSQL cluster for the tests: in a temporary folder, on a unix socket, never synced."""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import psycopg
from sqlalchemy.engine import make_url

if TYPE_CHECKING:
    from collections.abc import Iterator

PORT = 5432  # names the socket file only; the folder is our own


def find_binaries() -> Path | None:
    """The folder of `initdb` and `postgres`, wherever a distribution puts it."""
    folders = [*os.environ.get("PATH", "").split(os.pathsep), "/usr/local/bin"]
    for pattern in ("lib/postgresql/*/bin", "pgsql-*/bin"):
        folders += sorted(map(str, Path("/usr").glob(pattern)), reverse=True)
    for folder in folders:
        if all(os.access(Path(folder, name), os.X_OK) for name in ("initdb", "postgres")):
            return Path(folder)
    return None


class Cluster:
    """One server; `start` and `stop` may be called again and again."""

    def __init__(self, binaries: Path) -> None:
        self.binaries = binaries
        self.folder = Path(tempfile.mkdtemp(prefix="swpg"))
        self._server: subprocess.Popen[bytes] | None = None
        self._as: dict[str, Any] = {"cwd": self.folder, "stdin": subprocess.DEVNULL}
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            user = _unprivileged()
            self._as |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
            os.chown(self.folder, user.pw_uid, user.pw_gid)
        made = subprocess.run(
            [binaries / "initdb", "-D", "data", "-U", "sparewatt", "-A", "trust", "-N", "-E", "UTF8",
             "--locale=C"],
            capture_output=True, check=False, text=True, **self._as,
        )  # fmt: skip
        if made.returncode:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise RuntimeError(f"initdb failed: {made.stderr.strip() or made.stdout.strip()}")

    def url(self, database: str = "postgres") -> str:
        """Address for SQLAlchemy with psycopg 3."""
        query = urlencode({"host": str(self.folder), "port": PORT})
        return f"postgresql+psycopg://sparewatt@/{database}?{query}"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        options = {
            "unix_socket_directories": str(self.folder),
            "listen_addresses": "",
            "fsync": "off",
            "full_page_writes": "off",
            "max_wal_size": "4GB",
            "timezone": "UTC",
        }
        words = [word for key, value in options.items() for word in ("-c", f"{key}={value}")]
        with (self.folder / "log").open("ab") as log:
            self._server = subprocess.Popen(
                [self.binaries / "postgres", "-D", "data", "-p", str(PORT), *words],
                stdout=log, stderr=log, **self._as,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - one C call, no lock
            )  # fmt: skip
        until = time.monotonic() + 30
        while time.monotonic() < until and self._server.poll() is None:
            if self._answers():
                return
            time.sleep(0.02)
        self.stop()
        raise RuntimeError(f"PostgreSQL did not start: {(self.folder / 'log').read_text()[-2000:]}")

    def stop(self) -> None:
        """End the server as a crash would: at once, sessions dropped."""
        if self._server is not None:
            self._server.send_signal(signal.SIGQUIT)
            try:
                self._server.wait(20)
            except subprocess.TimeoutExpired:
                self._server.kill()
                self._server.wait()
            self._server = None

    def remove(self) -> None:
        """Stop and leave nothing behind."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _answers(self) -> bool:
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(host=str(self.folder), port=PORT, user="sparewatt", dbname="postgres").close()
            return True
        return False


@contextlib.contextmanager
def new_cluster() -> Iterator[Cluster]:
    """A running cluster of one's own, for tests that stop it."""
    binaries = find_binaries()
    if binaries is None:
        raise RuntimeError("no PostgreSQL server binaries (initdb, postgres) were found")
    cluster = Cluster(binaries)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.remove()


@contextlib.contextmanager
def new_database(url: str) -> Iterator[str]:
    """A fresh, empty database on the server of ``url``; dropped afterwards."""
    name = f"t_{uuid.uuid4().hex}"
    server = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    try:
        fresh = make_url(url).set(drivername="postgresql+psycopg", database=name)
        yield fresh.render_as_string(hide_password=False)
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _unprivileged() -> pwd.struct_passwd:
    """Someone who is not root."""
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise RuntimeError("PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody")


def _die_with_parent() -> None:
    """Linux: a killed test run leaves no server behind."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, int(signal.SIGQUIT), 0, 0, 0)
