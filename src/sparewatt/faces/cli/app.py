"""The application: commands, exit codes, and errors as people read them.

Exit codes: 0 done, 1 findings of severity error or a run that did not end, 2 usage, 3 internal.
"""

from __future__ import annotations

import logging
import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer
from typer.exceptions import TyperException

from sparewatt import __version__
from sparewatt.errors import InputError, RunCancelled, SparewattError
from sparewatt.faces.cli import (
    bench_command,
    community_commands,
    demo_command,
    generate_commands,
    network_commands,
    run_commands,
    serve_command,
    store_commands,
    work_command,
)
from sparewatt.faces.cli.console import ERR, LOG_LEVELS, count_text, print_error, print_findings, start_log

if TYPE_CHECKING:
    from collections.abc import Sequence

LOG = logging.getLogger(__name__)
FINDINGS, USAGE, INTERNAL = 1, 2, 3
_INTERRUPTED = 130  # what typer makes of Ctrl-C

app = typer.Typer(
    name="sparewatt",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Finds the spare watts of a site, hub, street or roof and fits EV charging into them.",
)
app.command()(demo_command.demo)
app.command()(run_commands.init)
app.command()(run_commands.check)
app.command()(run_commands.run)
app.command()(work_command.work)
app.command()(store_commands.runs)
app.command()(store_commands.show)
app.command()(store_commands.compare)
app.command()(store_commands.export)
app.command("import")(store_commands.import_)
app.command()(network_commands.powerflow)
generate_commands.generate_app.command("network")(network_commands.generate_network_files)
generate_commands.generate_app.command("customers")(network_commands.generate_customer_profiles)
generate_commands.generate_app.command("neighbourhood")(community_commands.generate_neighbourhood_folder)
app.add_typer(generate_commands.generate_app, name="generate")
app.add_typer(store_commands.db_app, name="db")
app.command()(serve_command.serve)
app.command()(bench_command.bench)


def _version(show: bool) -> None:  # noqa: FBT001 - typer's form
    if show:
        typer.echo(f"sparewatt {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    log_level: Annotated[
        str | None, typer.Option(help="debug, info, warning, error or critical; also SPAREWATT_LOG.")
    ] = None,
    version: Annotated[  # noqa: FBT002, ARG001 - typer's form, eager
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    given = log_level or os.environ.get("SPAREWATT_LOG") or "warning"
    if given.lower() not in LOG_LEVELS:
        where = "--log-level" if log_level else "SPAREWATT_LOG"
        raise typer.BadParameter(f"{given!r} is none of {', '.join(LOG_LEVELS)}", param_hint=where)
    start_log(given)


def run_command_line(arguments: Sequence[str]) -> int:
    """Run one command; its exit code. Ctrl-C where nothing is planned passes as `KeyboardInterrupt`."""
    try:
        code = app(args=list(arguments), standalone_mode=False, prog_name="sparewatt")
    except SystemExit as end:  # typer ends so when nobody reads what it prints
        return 0 if end.code in {0, 1, None} else INTERNAL
    except BrokenPipeError:
        _leave_pipe()
        return 0
    except BaseException as error:  # noqa: BLE001 - every error ends here, in words
        if _is_interrupt(error):
            raise KeyboardInterrupt from None
        return _tell(error)
    if code == _INTERRUPTED:
        raise KeyboardInterrupt
    return code if isinstance(code, int) else 0


def _is_interrupt(error: BaseException) -> bool:
    """Whether Ctrl-C is behind an error: a module that is stopped while it loads says so in its own way."""
    seen: BaseException | None = error
    while seen is not None and not isinstance(seen, KeyboardInterrupt):
        seen = seen.__cause__ or seen.__context__
    return seen is not None and not isinstance(error, SparewattError)


def _leave_pipe() -> None:
    """Nobody reads what is printed (``| head``): what Python flushes at its end goes nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())


def _tell(error: BaseException) -> int:  # noqa: PLR0911 - one way out per kind of end
    """Say an error to a person; the exit code."""
    match error:
        case TyperException():
            if str(error):
                error.show() if hasattr(error, "show") else ERR.print(str(error), markup=False)
            return USAGE
        case typer.Abort():
            ERR.print("Stopped.")
            return FINDINGS
        case InputError():
            print_findings(error.findings)
            ERR.print(f"{count_text(error.findings)}; nothing was run, nothing was written.")
            return FINDINGS
        case RunCancelled():
            ERR.print(str(error), markup=False)
            return FINDINGS
        case SparewattError():
            print_error(str(error))
            return FINDINGS
        case OSError():
            name = f"{error.filename}: " if error.filename else ""
            print_error(f"{name}{error.strerror or error}")
            return FINDINGS
        case Exception():
            LOG.debug("internal error", exc_info=error)
            print_error(
                f"{type(error).__name__}: {error}\n"
                "This is a bug of Sparewatt; with --log-level debug it tells where.",
                kind="internal error",
            )
            return INTERNAL
    raise error
