"""`generate neighbourhood`: houses, jobs, producers and forecasts from a seed."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from sparewatt.faces.cli.console import OUT

Out = Annotated[Path, typer.Option(help="Folder to write to.")]
Seed = Annotated[int, typer.Option(min=0, help="Same seed, same bytes.")]


def generate_neighbourhood_folder(
    out: Out,
    seed: Seed = 0,
    houses: Annotated[int, typer.Option(min=1, max=20_000, help="Houses.")] = 100,
    days: Annotated[int, typer.Option(min=1, max=366, help="Days.")] = 1,
    jobs_per_day: Annotated[
        float, typer.Option(min=0, max=200, help="Jobs of each house and day; a fraction is a chance.")
    ] = 3.0,
    pv_share: Annotated[float, typer.Option(min=0, max=1, help="Share of the houses with PV.")] = 0.5,
    sun_per_load: Annotated[
        float | None,
        typer.Option(min=0.001, max=1000, help="Sun over the energy of all jobs; below 1 it is scarce."),
    ] = None,
    forecast_error: Annotated[
        float, typer.Option(min=0, max=2, help="Deviation of a forecast for a day ahead; 0: perfect.")
    ] = 0.25,
    ev_share: Annotated[float, typer.Option(min=0, max=1, help="Share of the houses with an EV.")] = 0.0,
    battery_share: Annotated[
        float, typer.Option(min=0, max=1, help="Share of the houses with a battery.")
    ] = 0.0,
    base_load: Annotated[  # noqa: FBT002 - typer's form
        bool, typer.Option("--base-load", help="Houses have load that cannot be moved, too.")
    ] = False,
    first_day: Annotated[str, typer.Option(help="First day, YYYY-MM-DD.")] = "2026-06-08",
    timezone: Annotated[str, typer.Option(help="IANA name.")] = "Europe/London",
) -> None:
    """A neighbourhood with a scenario that runs on it: houses, jobs, PV with forecasts, EVs, batteries."""
    try:
        first = date.fromisoformat(first_day)
    except ValueError:
        message = f"{first_day!r} is no day like 2026-06-08"
        raise typer.BadParameter(message, param_hint="--first-day") from None
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # noqa: PLC0415 - with it alone

    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, OSError, ValueError):
        raise typer.BadParameter(f"{timezone!r} is no time zone", param_hint="--timezone") from None
    from sparewatt.inputs.community.template import write_community_template  # noqa: PLC0415 - heavy
    from sparewatt.inputs.generate.neighbourhood_plan import NeighbourhoodPlan  # noqa: PLC0415 - heavy

    name = f"Generated neighbourhood {seed}"
    try:
        plan = NeighbourhoodPlan(
            houses=houses,
            days=days,
            jobs_per_day=jobs_per_day,
            pv_share=pv_share,
            sun_per_load=sun_per_load,
            forecast_error=forecast_error,
            ev_share=ev_share,
            battery_share=battery_share,
            base_load=base_load,
            first_day=first,
            time_zone=timezone,
            name=name,
        )
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    files = write_community_template(out, name=name, seed=seed, plan=plan)
    OUT.print(
        f"wrote a neighbourhood of {houses} houses, {days} days, {len(files)} files, to {out}/", markup=False
    )
    OUT.print(f"Next: sparewatt check {files[0].parent}, then sparewatt run {files[0].parent}", markup=False)
