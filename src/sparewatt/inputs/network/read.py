"""All inputs of a network run, read and checked together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.finding import Finding, has_errors, sorted_findings
from sparewatt.inputs.network.cars import CarPool, draw_cars
from sparewatt.inputs.profiles.cases import find_cases, read_case_names
from sparewatt.inputs.profiles.customers import find_customers
from sparewatt.inputs.profiles.ev_diary import read_ev_diary
from sparewatt.inputs.profiles.ev_tariff import per_period, read_ev_tariff
from sparewatt.inputs.profiles.meter_form import MeterForm
from sparewatt.inputs.profiles.read import ProfileFiles, read_profiles
from sparewatt.inputs.profiles.sun import MANCHESTER
from sparewatt.inputs.profiles.temperature_file import read_temperature
from sparewatt.inputs.profiles.weather import Climate
from sparewatt.model.horizon import Horizon
from sparewatt.model.network import ALL_PHASES
from sparewatt.physics.topology import check_tree, find_feeders, find_zones

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from sparewatt.inputs.network.settings import NetworkSettings
    from sparewatt.inputs.profiles.meter_form import Unit
    from sparewatt.inputs.profiles.source import ProfileSet
    from sparewatt.model.customers import Case, Customers
    from sparewatt.model.feeders import Feeders, Zones
    from sparewatt.model.network import Network

DRAWN_CARS = 1000
"""Cars of a pool that is drawn, and as many as there are customers where these are more."""


@dataclass(frozen=True)
class NetworkSources:
    """Where the inputs are, relative to the folder of the scenario.

    Parameters
    ----------
    master, network, simbench
        One of them: OpenDSS files, pandapower JSON, or a code of SimBench.
    profiles, heat_pump_profiles, pv_profiles, temperature
        What was measured; what is left out is generated.
    diaries, prices
        EV diaries and the tariff of charging at home; left out: drawn, and wear alone.
    """

    master: str | None = None
    network: str | None = None
    simbench: str | None = None
    profiles: str | None = None
    heat_pump_profiles: str | None = None
    pv_profiles: str | None = None
    temperature: str | None = None
    diaries: str | None = None
    prices: str | None = None


@dataclass(frozen=True)
class NetworkInputs:
    """What a network run is made of.

    Parameters
    ----------
    network, feeders, zones, customers
        Where.
    cases
        Penetrations of heat pumps, then of PV, rising.
    horizon
        Local days from midnight to midnight.
    profiles
        Power of the customers, block by block.
    temperature_c
        Outdoor temperature at the left edges, shape (periods,) [°C].
    pool
        Cars that EVs are drawn from.
    price_per_kwh
        Cost of energy by period of a day from noon, without V2G, shape (24 h / step,) [currency/kWh].
    settings
        What is asked.
    """

    network: Network
    feeders: Feeders
    zones: Zones
    customers: Customers
    cases: tuple[Case, ...]
    horizon: Horizon
    profiles: ProfileSet
    temperature_c: NDArray[np.float64]
    pool: CarPool
    price_per_kwh: NDArray[np.float64]
    settings: NetworkSettings


def read_network_inputs(
    sources: NetworkSources, settings: NetworkSettings, base_dir: Path, *, seed: int
) -> tuple[NetworkInputs | None, tuple[Finding, ...]]:
    """Read everything that a scenario names; what it does not name is generated from the seed.

    Parameters
    ----------
    sources
        Where.
    settings
        The `[network]` table.
    base_dir
        Folder of the scenario.
    seed
        Of everything drawn.

    Returns
    -------
    ``None`` where any finding is an error; and all findings, errors first.
    """
    findings: list[Finding] = []
    network, found = read_grid(sources, base_dir)
    findings += found
    names, found = read_case_names(settings.cases, "network.cases")
    findings += found
    findings += _check_settings(settings, {n.name for n in names})
    horizon = Horizon.of_days(settings.start, settings.days, step=settings.step, timezone=settings.timezone)
    pool, price, found = _read_cars(
        sources, settings, base_dir, seed, 0 if network is None else len(network.loads)
    )
    findings += found
    if network is None:
        return None, sorted_findings(findings)
    feeders = find_feeders(network)
    if settings.engine == "sweep":
        findings += [f for f in check_tree(network, feeders) if f.severity == "error"]
    zones: Zones | None = find_zones(network, feeders)
    if settings.zones is not None:
        from sparewatt.inputs.network.zone_table import read_zone_table  # noqa: PLC0415 - where there is one

        zones, found = read_zone_table(base_dir / settings.zones, network, feeders)
        findings += found
    if zones is not None and not len(zones):
        message = "no load lies behind a feeder, so there is no zone to study"
        findings.append(Finding("network.zones.none", "error", f"network {network.name}", message))
    if zones is None or has_errors(findings):
        return None, sorted_findings(findings)
    customers = find_customers(network, zones, seed=seed)
    findings += _three_phase_note(network)
    files = ProfileFiles(
        demand=_below(base_dir, sources.profiles),
        heat_pump=_below(base_dir, sources.heat_pump_profiles),
        pv=_below(base_dir, sources.pv_profiles),
        temperature=_below(base_dir, sources.temperature),
        form=_form(settings, settings.profile_unit),
        pv_form=_form(settings, "kW"),
    )
    profiles, found = read_profiles(customers, horizon, files, seed=seed)
    findings += found
    if profiles is None or pool is None or price is None or has_errors(findings):
        return None, sorted_findings(findings)
    weather = None
    if files.temperature is not None:
        weather, _ = read_temperature(files.temperature, horizon, form=files.form)
    climate = Climate(seed, MANCHESTER.longitude_deg) if weather is None else weather
    cases = sorted(
        find_cases(customers, names, seed=seed, pattern=settings.pattern),
        key=lambda c: (c.hp_share, c.pv_share),
    )
    return (
        NetworkInputs(
            network=network,
            feeders=feeders,
            zones=zones,
            customers=customers,
            cases=tuple(cases),
            horizon=horizon,
            profiles=profiles,
            temperature_c=np.asarray(climate.at_c(horizon.boundaries_s[:-1])),
            pool=pool,
            price_per_kwh=price,
            settings=settings,
        ),
        sorted_findings(findings),
    )


def _form(settings: NetworkSettings, unit: Unit | None) -> MeterForm:
    return MeterForm(unit, settings.timezone, settings.profile_stamps, match=settings.profile_match)


def _below(base_dir: Path, name: str | None) -> Path | None:
    return None if name is None else base_dir / name


def read_grid(sources: NetworkSources, base_dir: Path) -> tuple[Network | None, Sequence[Finding]]:
    """The network, from wherever it is; each reader is loaded when it is needed."""
    from pathlib import Path  # noqa: PLC0415 - as the readers

    if sources.master is not None:
        from sparewatt.inputs.network.dss import read_dss_network  # noqa: PLC0415 - brings OpenDSS

        return read_dss_network(Path(sources.master), base_dir)
    if sources.network is not None:
        from sparewatt.inputs.network.pandapower import read_pandapower_network  # noqa: PLC0415 - as above

        return read_pandapower_network(Path(sources.network), base_dir)
    from sparewatt.inputs.network.simbench import read_simbench_network  # noqa: PLC0415 - as above

    return read_simbench_network(sources.simbench or "")


def _read_cars(
    sources: NetworkSources, settings: NetworkSettings, base_dir: Path, seed: int, loads: int
) -> tuple[CarPool | None, NDArray[np.float64] | None, list[Finding]]:
    """Cars and prices."""
    findings: list[Finding] = []
    options = {"reserve_share": settings.reserve_share, "v2g": settings.v2g}
    pool: CarPool | None
    if sources.diaries is None:
        pool = draw_cars(
            seed,
            max(DRAWN_CARS, loads),
            settings.step,
            reserve_share=settings.reserve_share,
            v2g=settings.v2g,
        )
    else:
        cars, found = read_ev_diary(base_dir / sources.diaries, settings.step, **options)  # type: ignore[arg-type]
        findings += found
        pool = None if cars is None else CarPool(cars)
        if cars is not None and not len(cars):
            message = "holds no stay of any car, so there is nobody to charge"
            findings.append(Finding("network.ev.none", "error", sources.diaries, message))
    if sources.prices is None:
        day = round(24 * 3600 / settings.step.total_seconds())
        return pool, np.full(day, settings.wear_per_kwh), findings
    tariff, found = read_ev_tariff(base_dir / sources.prices, wear_per_kwh=settings.wear_per_kwh)
    findings += found
    if tariff is None:
        return pool, None, findings
    return pool, per_period(tariff.duos_per_kwh + tariff.wear_per_kwh, settings.step), findings


def _check_settings(settings: NetworkSettings, cases: set[str]) -> list[Finding]:
    """What must fit together."""
    findings = []
    pairs = (
        ("voltage_floor_pu", settings.voltage_floor_pu, "voltage_ceiling_pu", settings.voltage_ceiling_pu),
        ("judged_floor_pu", settings.judged_floor_pu, "judged_ceiling_pu", settings.judged_ceiling_pu),
    )
    for low_name, low, high_name, high in pairs:
        if low >= high:
            message = f"{low_name} is not below {high_name}, {high:g} pu"
            findings.append(
                Finding(
                    "network.bounds", "error", f"network.{low_name}", message, f"{low:g}", f"below {high:g}"
                )
            )
    hosting = settings.hosting
    sampled = hosting.days if hosting.samples or hosting.managed_samples else 0
    for name, days in (("validate_days", settings.validate_days), ("hosting.days", sampled)):
        most = settings.days - 1
        if isinstance(days, int) and days > most:
            message = f"{days} days from noon to noon do not fit into {settings.days} days from midnight"
            findings.append(
                Finding("network.days", "error", f"network.{name}", message, str(days), f"at most {most}")
            )
    case = hosting.case
    if case and case not in cases:
        message = f"the case {case} is not among the cases that are studied"
        findings.append(
            Finding("network.hosting.case", "error", "network.hosting.case", message, case, ", ".join(cases))
        )
    return findings


def _three_phase_note(network: Network) -> list[Finding]:
    """Customers of three phases belong to no zone."""
    count = int((network.loads.phase == ALL_PHASES).sum())
    if not count:
        return []
    message = f"{count} customers are on all three phases: they load every zone of their feeder and get no EV"
    return [Finding("network.customers.three_phase", "info", f"network {network.name}", message, str(count))]
