"""Generated customers as files that a network scenario reads: profiles as Parquet, who they are as CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from sparewatt.inputs.generate.network import generate_network
from sparewatt.inputs.network.dss import read_dss_network
from sparewatt.inputs.network.pandapower import read_pandapower_network
from sparewatt.inputs.profiles.customers import DEMAND_CLASSES, find_customers
from sparewatt.inputs.profiles.generate import generate_profiles
from sparewatt.model.horizon import Horizon
from sparewatt.physics.topology import find_feeders, find_zones

if TYPE_CHECKING:
    from datetime import date, timedelta
    from pathlib import Path

    from sparewatt.finding import Finding
    from sparewatt.model.customers import Customers, Profiles

BLOCK_DAYS = 7
NAMES = ("demand.parquet", "heat_pumps.parquet", "pv.parquet")
"""Files of profiles [kW, kW, kW per rated kW]."""


def write_customer_files(
    out: Path,
    *,
    seed: int,
    customers: int,
    master: Path | None,
    first: date,
    days: int,
    step: timedelta,
    timezone: str,
) -> tuple[tuple[Path, ...], tuple[Finding, ...]]:
    """Write demand, heat pumps and PV of customers, a column each, and a table of who they are.

    Parameters
    ----------
    out
        Folder; made where it is not there, files in it are written over.
    seed
        Same seed, same bytes.
    customers
        How many, where no network is given.
    master
        OpenDSS or pandapower (``.json``) network whose loads the customers are.
    first, days, step, timezone
        Periods: whole local days.

    Returns
    -------
    The files, none where the network has errors; and the findings of the network.
    """
    findings: tuple[Finding, ...] = ()
    network = None
    if master is None:
        network = generate_network(seed, customers, 1)
    elif master.suffix.lower() == ".json":
        network, findings = read_pandapower_network(master)
    else:
        network, findings = read_dss_network(master)
    if network is None:
        return (), findings
    zones = find_zones(network, find_feeders(network))
    people = find_customers(network, zones, seed=seed)
    horizon = Horizon.of_days(first, days, step=step, timezone=timezone)
    out.mkdir(parents=True, exist_ok=True)
    _write_people(out / "customers.csv", people, zones.ids)
    source = generate_profiles(people, horizon, seed=seed)
    paths = [out / name for name in NAMES]
    schema = pa.schema([("time", pa.timestamp("s", "UTC")), *((name, pa.float64()) for name in people.ids)])
    writers = [pq.ParquetWriter(path, schema, compression="zstd") for path in paths]
    try:
        for part, profiles in source.blocks(BLOCK_DAYS):
            time = pa.array(horizon.boundaries_s[part], pa.timestamp("s", "UTC"))
            for writer, values in zip(writers, _kinds(profiles, len(people)), strict=True):
                writer.write_table(pa.Table.from_arrays([time, *map(pa.array, values)], schema=schema))
    finally:
        for writer in writers:
            writer.close()
    return (*paths, out / "customers.csv"), findings


def _kinds(profiles: Profiles, count: int) -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.float64]], ...]:
    pv = profiles.pv_kw_per_kwp
    return profiles.demand_kw, profiles.heat_pump_kw, pv if pv.ndim > 1 else np.tile(pv, (count, 1))


def _write_people(path: Path, people: Customers, zone_ids: tuple[str, ...]) -> None:
    table = pa.table(
        {
            "customer_id": list(people.ids),
            "zone_id": [zone_ids[z] if z >= 0 else "" for z in people.zone.tolist()],
            "demand_class": [DEMAND_CLASSES[k].name for k in people.demand_class.tolist()],
            "pv_kwp": people.pv_kwp,
        }
    )
    pa.csv.write_csv(table, path)
