"""`serve`: pages and API over HTTP, with workers for the queue of runs."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
from typing import TYPE_CHECKING, Annotated

import typer

from sparewatt.errors import SparewattError
from sparewatt.faces.cli.console import OUT, local_text
from sparewatt.faces.cli.places import data_folder, store_url
from sparewatt.faces.cli.run_commands import Db  # noqa: TC001 - typer reads the annotations

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOCAL = ("127.0.0.1", "localhost")
TOKEN = "SPAREWATT_TOKEN"  # noqa: S105 - the name of a variable
SHORTEST_TOKEN = 16
_GRACE_S = 3
"""How long open answers, such as runs that are followed, are waited for at the end [s]."""
_WORKERS_END_S = 40.0


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0: any that is free.")] = 8765,
    workers: Annotated[
        int, typer.Option(min=0, max=64, help="Runs that are worked on side by side; 0: none, see `work`.")
    ] = 1,
    db: Db = None,
) -> None:
    """Serve pages, and the API at /api, and work on the queue; for others only with SPAREWATT_TOKEN set."""
    import uvicorn  # noqa: PLC0415 - heavy

    from sparewatt.faces.server import make_server  # noqa: PLC0415 - heavy

    token = _token(host)
    url, data = store_url(db), data_folder()
    with _listening(host, port) as listener:
        server = make_server(url, data, token=token, begins=True)
        config = uvicorn.Config(
            server,
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=_GRACE_S,
        )
        shown, number = ("localhost" if host in LOCAL else host), listener.getsockname()[1]
        address = f"[{shown}]" if ":" in shown else shown
        OUT.print(f"Sparewatt serves http://{address}:{number}/", markup=False, soft_wrap=True)
        OUT.print(local_text(f"Runs lie in {data}. Ctrl-C ends it."), markup=False, soft_wrap=True)
        with _working(url, data, workers), _ending():
            uvicorn.Server(config).run(sockets=[listener])
    OUT.print("The server has ended; runs that were worked on are carried on next time.", markup=False)


@contextlib.contextmanager
def _ending() -> Iterator[None]:
    """Ctrl-C and SIGTERM, which uvicorn raises again when its answers are out, end the server in peace."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with contextlib.suppress(KeyboardInterrupt):
            yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _token(host: str) -> str | None:
    """The token of the server; none is needed by those of this machine.

    Raises
    ------
    SparewattError
        The server would be open to others without one, or the token is too short to be a secret.
    """
    token = os.environ.get(TOKEN, "").strip() or None
    if token is None and host not in LOCAL:
        raise SparewattError(
            f"Listening on {host} would let others in: set {TOKEN} to a secret of at least {SHORTEST_TOKEN} "
            "characters, or leave --host out."
        )
    if token is not None and (len(token) < SHORTEST_TOKEN or not token.isascii()):
        raise SparewattError(f"{TOKEN} is no secret: at least {SHORTEST_TOKEN} plain characters, please.")
    return token


@contextlib.contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that listens.

    Raises
    ------
    SparewattError
        The port is taken, or the address is none of this machine.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.create_server((str(address[0]), port), family=family)
    except OSError as error:
        raise SparewattError(
            f"Cannot listen on {host}, port {port}: {error.strerror or error}; try another --port or --host."
        ) from error
    try:
        yield listener
    finally:
        listener.close()


@contextlib.contextmanager
def _working(url: str, data: Path, workers: int) -> Iterator[None]:
    """Workers of the queue beside the server; at the end they put back what they work on."""
    if not workers:
        yield
        return
    from sparewatt.faces.server import queue_thread  # noqa: PLC0415 - heavy
    from sparewatt.tasks import Cancel  # noqa: PLC0415 - as above

    stop = Cancel()
    thread = queue_thread(url, data, workers, stop)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(_WORKERS_END_S)
