"""`generate`: inputs drawn from a seed."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from sparewatt.errors import InputError
from sparewatt.faces.cli.console import OUT, print_findings

if TYPE_CHECKING:
    from sparewatt.inputs.generate.fleet_kinds import Kind
    from sparewatt.inputs.generate.site_kinds import SiteKind
    from sparewatt.inputs.generate.visit_bins import VisitChances

generate_app = typer.Typer(no_args_is_help=True, help="Write generated inputs with a seed.")

_STEPS_MIN = (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60)


class FleetKind(StrEnum):
    """Kinds of fleets."""

    vans = "vans"
    tight_vans = "tight_vans"
    second_shift = "second_shift"
    mixed = "mixed"
    hgv = "hgv"


class HubKind(StrEnum):
    """Kinds of clusters."""

    workplace = "workplace"
    fast = "fast"
    retail = "retail"
    home = "home"


Out = Annotated[Path, typer.Option(help="Folder to write to.")]
Seed = Annotated[int, typer.Option(min=0, help="Same seed, same bytes.")]
FirstDay = Annotated[str, typer.Option(help="First day, YYYY-MM-DD.")]


@generate_app.command("fleet")
def generate_fleet_tables(
    out: Out,
    seed: Seed = 0,
    kind: Annotated[list[FleetKind] | None, typer.Option(help="Kind per allocation, in turn.")] = None,
    vehicles: Annotated[int, typer.Option(min=1, max=5000, help="Vehicles per allocation.")] = 20,
    allocations: Annotated[int, typer.Option(min=1, max=100, help="Allocations.")] = 3,
    days: Annotated[int, typer.Option(min=1, max=3660, help="Days.")] = 28,
    first_day: FirstDay = "2026-10-05",
) -> None:
    """Tables of a depot run: vehicles, routes, site load, prices."""
    kinds: tuple[Kind, ...] = tuple(k.value for k in kind or (FleetKind.vans, FleetKind.mixed, FleetKind.hgv))
    first = _day(first_day)
    from sparewatt.inputs.generate.fleet import generate_fleet  # noqa: PLC0415 - numpy, only here

    generate_fleet(
        out, seed=seed, kind=kinds, vehicles=vehicles, allocations=allocations, days=days, first_day=first
    )
    OUT.print(f"wrote a fleet of {allocations} x {vehicles} vehicles, {days} days, to {out}/", markup=False)


@generate_app.command("sites")
def generate_hub(
    out: Out,
    seed: Seed = 0,
    kind: Annotated[list[HubKind] | None, typer.Option(help="Kind per cluster, in turn.")] = None,
    clusters: Annotated[int, typer.Option(min=1, max=1000, help="Clusters.")] = 2,
    units: Annotated[
        list[int] | None, typer.Option(min=1, max=100_000, help="Units per cluster, in turn.")
    ] = None,
    visits: Annotated[
        list[int] | None,
        typer.Option(min=1, max=1_000_000, help="Visits per cluster and working day, in turn."),
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=3660, help="Days.")] = 5,
    first_day: FirstDay = "2026-10-05",
    timezone: Annotated[str, typer.Option(help="IANA name, such as Europe/London.")] = "Europe/London",
    step: Annotated[int, typer.Option(help="Length of a period in minutes, a divisor of 60.")] = 5,
    bins: Annotated[
        Path | None,
        typer.Option(help="Generator workbook (.xlsx): its tables of bins in place of those of the kinds."),
    ] = None,
    sessions: Annotated[
        Path | None,
        typer.Option(
            help="Recorded sessions (.csv, ACN-Data .json) or diaries (.csv, .xlsx): bins are fitted to them."
        ),
    ] = None,
    tables: Annotated[  # noqa: FBT002 - typer's form
        bool, typer.Option("--tables", help="CSV files in place of a workbook; they hold more rows.")
    ] = False,
) -> None:
    """A charging hub that runs: scenario, units, limits, prices, visits, and histograms of them."""
    kinds: tuple[SiteKind, ...] = tuple(k.value for k in kind or (HubKind.workplace, HubKind.fast))
    first = _day(first_day)
    if step not in _STEPS_MIN:
        raise typer.BadParameter(f"{step} is none of {', '.join(map(str, _STEPS_MIN))}", param_hint="--step")
    try:
        ZoneInfo(timezone)
    except (OSError, ValueError, KeyError):
        message = f"{timezone!r} is no zone such as Europe/London"
        raise typer.BadParameter(message, param_hint="--timezone") from None
    if bins is not None and sessions is not None:
        raise typer.BadParameter("visits are drawn from --bins or from --sessions, not from both")
    from sparewatt.inputs.generate.sites import generate_sites  # noqa: PLC0415 - numpy, only here

    path = generate_sites(
        out,
        seed=seed,
        kind=kinds,
        clusters=clusters,
        units=units or (24, 8),
        visits_per_day=visits or (40, 20),
        days=days,
        first_day=first,
        timezone=timezone,
        step=timedelta(minutes=step),
        chances=_chances(bins, sessions, timezone, seed),
        as_tables=tables,
    )
    OUT.print(f"wrote a hub of {clusters} clusters, {days} days, to {out}/", markup=False)
    OUT.print(f"Next: sparewatt check {path.parent}, then sparewatt run {path.parent}", markup=False)


def _chances(bins: Path | None, sessions: Path | None, timezone: str, seed: int) -> VisitChances | None:
    """What visits are drawn from, where it is not the kinds; findings are shown, errors raised."""
    if bins is not None:
        from sparewatt.inputs.generate.bin_workbook import read_bin_workbook  # noqa: PLC0415 - only here

        chances, findings = read_bin_workbook(bins)
    elif sessions is not None:
        from sparewatt.inputs.generate.recorded_visits import read_recorded_visits  # noqa: PLC0415 - only here
        from sparewatt.inputs.generate.visit_fit import fit_visits  # noqa: PLC0415 - only here

        recorded, findings = read_recorded_visits(sessions, timezone)
        if recorded is None:
            raise InputError(findings)
        fit, more = fit_visits(recorded, timezone, seed=seed)
        chances, findings = (None if fit is None else fit.chances), (*findings, *more)
    else:
        return None
    if chances is None:
        raise InputError(findings)
    print_findings(findings)
    return chances


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no day like 2026-10-05", param_hint="--first-day") from None
