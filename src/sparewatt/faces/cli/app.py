"""The application: commands, exit codes, and errors as people read them.

Exit codes: 0 done, 1 findings of severity error or a run that did not end, 2 usage, 3 internal.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Annotated

import click
import typer

from sparewatt import __version__
from sparewatt.errors import InputError, RunCancelled, SparewattError
from sparewatt.faces.cli import more_commands, run_commands, store_commands
from sparewatt.faces.cli.console import ERR, LOG_LEVELS, count_text, print_findings, start_log

LOG = logging.getLogger(__name__)
FINDINGS, USAGE, INTERNAL = 1, 2, 3

app = typer.Typer(
    name="sparewatt",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Finds the spare watts of a site, hub, street or roof and fits EV charging into them.",
)
app.command()(run_commands.demo)
app.command()(run_commands.init)
app.command()(run_commands.check)
app.command()(run_commands.run)
app.command()(store_commands.runs)
app.command()(store_commands.show)
app.command()(store_commands.compare)
app.command()(store_commands.export)
app.command("import")(store_commands.import_)
app.command()(more_commands.generate)
app.add_typer(store_commands.db_app, name="db")
app.command()(more_commands.bench)


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
    if log_level is not None and log_level.lower() not in LOG_LEVELS:
        raise typer.BadParameter(f"{log_level!r} is none of {', '.join(LOG_LEVELS)}")
    start_log(log_level)


def main() -> None:
    """Run the command line; no traceback ever reaches a person."""
    sys.exit(_run(sys.argv[1:]))


def _run(arguments: list[str]) -> int:  # noqa: PLR0911 - one way out per kind of end
    try:
        code = app(args=arguments, standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return USAGE
    except (click.Abort, KeyboardInterrupt):
        ERR.print("Stopped.")
        return FINDINGS
    except InputError as error:
        print_findings(error.findings)
        ERR.print(f"{count_text(error.findings)}; nothing was run, nothing was written.")
        return FINDINGS
    except RunCancelled as state:
        ERR.print(f"{state} Carry on with: sparewatt run … --resume", markup=False)
        return FINDINGS
    except SparewattError as error:
        ERR.print(f"[red]error[/] {_plain(error)}", soft_wrap=True)
        return FINDINGS
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except Exception as error:
        LOG.debug("internal error", exc_info=True)
        ERR.print(
            f"[red]internal error[/] {type(error).__name__}: {_plain(error)}\n"
            "This is a bug of Sparewatt; with --log-level debug it tells where.",
            soft_wrap=True,
        )
        return INTERNAL
    return code if isinstance(code, int) else 0


def _plain(error: BaseException) -> str:
    from rich.markup import escape  # noqa: PLC0415 - only on this path

    return escape(str(error)).replace(str(Path.home()), "~")
