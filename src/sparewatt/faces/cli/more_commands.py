"""`generate` and `bench`."""

from __future__ import annotations

import runpy
import sys
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sparewatt.errors import SparewattError
from sparewatt.faces.cli.console import OUT

if TYPE_CHECKING:
    from sparewatt.inputs.generate.fleet_kinds import Kind


class What(StrEnum):
    """What can be generated so far."""

    fleet = "fleet"


class FleetKind(StrEnum):
    """Kinds of fleets."""

    vans = "vans"
    tight_vans = "tight_vans"
    second_shift = "second_shift"
    mixed = "mixed"
    hgv = "hgv"


def generate(
    what: Annotated[What, typer.Argument(metavar="WHAT", help="fleet: tables of a depot run.")],
    out: Annotated[Path, typer.Option(help="Folder for the tables.")],
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same bytes.")] = 0,
    kind: Annotated[list[FleetKind] | None, typer.Option(help="Kind per allocation, in turn.")] = None,
    vehicles: Annotated[int, typer.Option(min=1, max=5000, help="Vehicles per allocation.")] = 20,
    allocations: Annotated[int, typer.Option(min=1, max=100, help="Allocations.")] = 3,
    days: Annotated[int, typer.Option(min=1, max=3660, help="Days.")] = 28,
    first_day: Annotated[str, typer.Option(help="First day, YYYY-MM-DD.")] = "2026-10-05",
) -> None:
    """Write generated inputs with a seed."""
    kinds: tuple[Kind, ...] = tuple(k.value for k in kind or (FleetKind.vans, FleetKind.mixed, FleetKind.hgv))
    try:
        first = date.fromisoformat(first_day)
    except ValueError:
        raise typer.BadParameter(
            f"{first_day!r} is no day like 2026-10-05", param_hint="--first-day"
        ) from None
    from sparewatt.inputs.generate.fleet import generate_fleet  # noqa: PLC0415 - numpy, only here

    generate_fleet(
        out, seed=seed, kind=kinds, vehicles=vehicles, allocations=allocations, days=days, first_day=first
    )
    OUT.print(
        f"wrote a {what.value} of {allocations} x {vehicles} vehicles, {days} days, to {out}/", markup=False
    )


def bench(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="One benchmark; left out: all.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Small sizes, as a smoke test.")] = False,  # noqa: FBT002 - typer's form
) -> None:
    """Run the benchmarks of a source checkout; each prints ratios against its peer in the same run."""
    if not Path("benchmarks/__main__.py").is_file():
        raise SparewattError("There are no benchmarks here; run `sparewatt bench` in a source checkout.")
    arguments = [*([name] if name else []), *(["--quick"] if quick else [])]
    before, sys.argv = sys.argv, ["benchmarks", *arguments]
    sys.path.insert(0, str(Path.cwd()))
    try:
        runpy.run_module("benchmarks", run_name="__main__")
    finally:
        sys.argv = before
        sys.path.pop(0)
