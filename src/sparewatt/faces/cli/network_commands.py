"""`powerflow`: a batch power flow from tables; `generate network` and `generate customers`."""

from __future__ import annotations

import json
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sparewatt.errors import InputError
from sparewatt.faces.cli.console import ERR, OUT, print_findings

if TYPE_CHECKING:
    from sparewatt.physics.power_flow import Engine

Out = Annotated[Path, typer.Option(help="Folder to write to.")]
Seed = Annotated[int, typer.Option(min=0, help="Same seed, same bytes.")]


class EngineName(StrEnum):
    """Engines of the power flow."""

    sweep = "sweep"
    opendss = "opendss"
    power_grid_model = "power_grid_model"


class Step(StrEnum):
    """Steps of generated profiles."""

    five = "5min"
    ten = "10min"
    quarter = "15min"
    half = "30min"
    hour = "60min"


def powerflow(
    master: Annotated[
        Path,
        typer.Argument(metavar="MASTER", help="OpenDSS file or folder, pandapower .json, SimBench code."),
    ],
    kw: Annotated[
        Path, typer.Option(help="Table (.csv, .parquet): step or time, then a column per load, in kW.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for voltages, flows, losses and the summary.")],
    kvar: Annotated[
        Path | None, typer.Option(help="The same for reactive power, in kvar; left out: 0.")
    ] = None,
    engine: Annotated[EngineName, typer.Option(help="Engine.")] = EngineName.sweep,
    workers: Annotated[int, typer.Option(min=1, max=256, help="Threads of the engine.")] = 2,
    json_out: Annotated[  # noqa: FBT002 - typer's form
        bool, typer.Option("--json", help="The summary as one JSON object on stdout.")
    ] = False,
) -> None:
    """Solve the power flow of every step of a table of loads; negative values are exports."""
    from sparewatt.studies.network_batch import run_power_flow  # noqa: PLC0415 - heavy

    name: Engine = engine.value
    # A link that is named here is meant: what must stay inside is what the files behind it name.
    summary, findings = run_power_flow(master.resolve(), kw, kvar, out, engine=name, workers=workers)
    if json_out:
        typer.echo(json.dumps(summary))
        return
    print_findings([f for f in findings if f.severity != "info"])
    lowest = summary["lowest_pu"]
    OUT.print(
        f"{summary['converged']} of {summary['snapshots']} snapshots solved by {summary['engine']} in "
        f"{summary['seconds']} s" + ("" if lowest is None else f", lowest load voltage {lowest} pu"),
        markup=False,
    )
    OUT.print(f"wrote load_voltages, head_flows, losses and summary to {out}/", markup=False, soft_wrap=True)


def generate_network_files(
    out: Out,
    seed: Seed = 0,
    customers: Annotated[int, typer.Option(min=1, max=100_000, help="Customers.")] = 120,
    feeders: Annotated[int, typer.Option(min=1, max=8, help="Feeders.")] = 4,
) -> None:
    """A radial low-voltage network along streets, as OpenDSS files, with a scenario that runs on it."""
    if feeders > customers:
        raise typer.BadParameter("every feeder has a customer at least", param_hint="--feeders")
    from sparewatt.inputs.network.template import write_network_template  # noqa: PLC0415 - heavy

    name = f"Generated network {seed}"
    files = write_network_template(out, name=name, seed=seed, customers=customers, feeders=feeders)
    OUT.print(f"wrote a network of {customers} customers on {feeders} feeders to {out}/", markup=False)
    OUT.print(f"Next: sparewatt check {files[0].parent}, then sparewatt run {files[0].parent}", markup=False)


def generate_customer_profiles(
    out: Out,
    seed: Seed = 0,
    customers: Annotated[
        int, typer.Option(min=1, max=10_000, help="Customers, where no network is given.")
    ] = 100,
    network: Annotated[
        Path | None,
        typer.Option(help="OpenDSS file or folder, or a pandapower .json: a customer per load of it."),
    ] = None,
    first_day: Annotated[str, typer.Option(help="First day, YYYY-MM-DD.")] = "2026-01-12",
    days: Annotated[int, typer.Option(min=1, max=3660, help="Days.")] = 7,
    step: Annotated[Step, typer.Option(help="Length of a period.")] = Step.half,
    timezone: Annotated[str, typer.Option(help="IANA name.")] = "Europe/London",
) -> None:
    """Profiles of customers as Parquet: demand, heat pumps, PV per rated kW, and who they are as CSV."""
    try:
        first = date.fromisoformat(first_day)
    except ValueError:
        raise typer.BadParameter(
            f"{first_day!r} is no day like 2026-01-12", param_hint="--first-day"
        ) from None
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # noqa: PLC0415 - with it alone

    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):
        raise typer.BadParameter(f"{timezone!r} is no time zone", param_hint="--timezone") from None
    from sparewatt.inputs.generate.customer_files import write_customer_files  # noqa: PLC0415 - heavy

    minutes = int(step.value.removesuffix("min"))
    files, findings = write_customer_files(
        out,
        seed=seed,
        customers=customers,
        master=network,
        first=first,
        days=days,
        step=timedelta(minutes=minutes),
        timezone=timezone,
    )
    if not files:
        raise InputError(findings)
    for file in files:
        OUT.print(f"wrote {file}", markup=False, soft_wrap=True)
    OUT.print(
        'In a scenario, [inputs]: profiles = "demand.parquet", heat_pump_profiles = "heat_pumps.parquet", '
        'pv_profiles = "pv.parquet"; [network]: profile_unit = "kW".',
        markup=False,
        soft_wrap=True,
    )
    if network is None:
        ERR.print("Columns are called load_1, load_2, …; with --network they are the loads of that network.")
