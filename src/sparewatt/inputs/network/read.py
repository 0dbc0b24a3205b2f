"""All inputs of a network run, read and checked together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.finding import Finding, has_errors, sorted_findings
from sparewatt.inputs.finding_log import FindingLog
from sparewatt.inputs.network.phase_deal import deal_phases
from sparewatt.inputs.network.read_cars import read_cars
from sparewatt.inputs.network.sources import NetworkSources, find_files
from sparewatt.inputs.profiles.cases import find_cases, read_case_names
from sparewatt.inputs.profiles.customers import find_customers
from sparewatt.inputs.profiles.meter_form import MeterForm
from sparewatt.inputs.profiles.read import ProfileFiles, read_profiles
from sparewatt.inputs.profiles.sun import MANCHESTER
from sparewatt.inputs.profiles.temperature_file import read_temperature
from sparewatt.inputs.profiles.weather import Climate
from sparewatt.model.horizon import Horizon
from sparewatt.model.network import ALL_PHASES
from sparewatt.physics.topology import find_feeders, find_zones

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from sparewatt.finding import Severity
    from sparewatt.inputs.network.cars import CarPool
    from sparewatt.inputs.network.settings import NetworkSettings
    from sparewatt.inputs.profiles.meter_form import Unit
    from sparewatt.inputs.profiles.source import ProfileSet
    from sparewatt.model.customers import Case, Customers
    from sparewatt.model.feeders import Feeders, Zones
    from sparewatt.model.network import Network

__all__ = ["NetworkInputs", "NetworkSources", "read_grid", "read_network_inputs", "refused_loops"]


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
    log = FindingLog()
    files = find_files(sources, settings.zones, base_dir, log)
    network, found = read_grid(sources, base_dir)
    findings = [*(refused_loops(found) if settings.engine == "sweep" else found)]
    names, found = read_case_names(settings.cases, "network.cases")
    findings += found
    findings += _check_settings(settings, {n.name for n in names})
    horizon = Horizon.of_days(settings.start, settings.days, step=settings.step, timezone=settings.timezone)
    pool, price, found = read_cars(files, settings, seed, 0 if network is None else len(network.loads))
    findings += found
    if network is None:
        return None, sorted_findings([*log.findings(), *findings])
    feeders = find_feeders(network)
    if settings.load_phases == "dealt":
        network = deal_phases(network, feeders, seed)
    findings += _three_phase_note(network)
    zones = find_zones(network, feeders)
    if files.zones is not None:
        from sparewatt.inputs.network.zone_table import read_zone_table  # noqa: PLC0415 - where there is one

        given, found = read_zone_table(files.zones, network, feeders)
        findings += found
        zones = zones if given is None else given
    if not len(zones):
        message = "no load lies behind a feeder, so there is no zone to study"
        findings.append(Finding("network.zones.none", "error", f"network {network.name}", message))
    customers = find_customers(network, zones, seed=seed)
    metered = ProfileFiles(
        demand=files.profiles,
        heat_pump=files.heat_pump_profiles,
        pv=files.pv_profiles,
        temperature=files.temperature,
        form=_form(settings, settings.profile_unit),
        pv_form=_form(settings, "kW"),
    )
    profiles, found = read_profiles(customers, horizon, metered, seed=seed, source=settings.profile_source)
    findings = [*log.findings(), *findings, *found]
    if profiles is None or pool is None or price is None or has_errors(findings):
        return None, sorted_findings(findings)
    weather = None
    if files.temperature is not None:
        weather, _ = read_temperature(files.temperature, horizon, form=metered.form)
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


def read_grid(
    sources: NetworkSources, base_dir: Path, *, radial: bool = False
) -> tuple[Network | None, Sequence[Finding]]:
    """The network, from wherever it is; each reader is loaded when it is needed.

    Parameters
    ----------
    sources
        Which.
    base_dir
        Folder of the scenario.
    radial
        Whether loops are errors: the engine sweep takes none.
    """
    network, findings = _read_grid(sources, base_dir)
    if radial:
        findings = refused_loops(findings)
    return (None if has_errors(findings) else network), findings


def _read_grid(sources: NetworkSources, base_dir: Path) -> tuple[Network | None, Sequence[Finding]]:
    from pathlib import Path  # noqa: PLC0415 - as the readers

    if sources.master is not None:
        from sparewatt.inputs.network.dss import read_dss_network  # noqa: PLC0415 - brings OpenDSS

        return read_dss_network(Path(sources.master), base_dir)
    if sources.network is not None:
        from sparewatt.inputs.network.pandapower import read_pandapower_network  # noqa: PLC0415 - as above

        return read_pandapower_network(Path(sources.network), base_dir)
    from sparewatt.inputs.network.simbench import read_simbench_network  # noqa: PLC0415 - as above

    return read_simbench_network(sources.simbench or "")


def refused_loops(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings of a network for the engine sweep: its loops are errors, with file, line, branches."""
    return tuple(
        replace(f, severity="error", message=f"{f.message}; the engine sweep takes radial networks")
        if f.rule == "network.loop"
        else f
        for f in findings
    )


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
    """Customers of three phases belong to no zone; where all are such, no EV is studied at all."""
    count, loads = int((network.loads.phase == ALL_PHASES).sum()), len(network.loads)
    if not count:
        return []
    who = "1 customer is" if count == 1 else f"{count} customers are"
    message = f"{who} on all three phases: they load every zone of their feeder and get no EV"
    severity: Severity = "info"
    if count == loads:
        severity, message = "warning", f"all {count} customers are on all three phases: none can have an EV"
    where, remedy = f"network {network.name}", 'load_phases = "dealt" gives each of them one phase'
    return [Finding("network.customers.three_phase", severity, where, message, str(count), remedy)]
