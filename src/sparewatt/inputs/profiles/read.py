"""Profiles of a study: metered where a file is given, generated or of SimBench where not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sparewatt.finding import Finding, has_errors, sorted_findings
from sparewatt.inputs.profiles.generate import generate_profiles
from sparewatt.inputs.profiles.meter_form import MeterForm
from sparewatt.inputs.profiles.metered import MeteredPower, read_metered
from sparewatt.inputs.profiles.simbench import read_simbench
from sparewatt.inputs.profiles.source import PowerSource, ProfileSet
from sparewatt.inputs.profiles.sun import MANCHESTER, Place
from sparewatt.inputs.profiles.temperature_file import read_temperature

if TYPE_CHECKING:
    from pathlib import Path

    from sparewatt.inputs.profiles.meter_form import Kind
    from sparewatt.inputs.profiles.weather import OutdoorTemperature
    from sparewatt.model.customers import Customers
    from sparewatt.model.horizon import Horizon


ProfileSource = Literal["generated", "simbench"]
_AS_IT_SAYS = MeterForm()
_YIELD = MeterForm(unit="kW")


@dataclass(frozen=True)
class ProfileFiles:
    """Files of metered profiles; what is left out is generated.

    Parameters
    ----------
    demand, heat_pump
        Power drawn by each customer.
    pv
        Generation per rated kW, of each customer or one column for all.
    temperature
        Outdoor temperature, from which heat pumps are generated.
    form
        How demand and heat pumps are meant.
    pv_form
        How PV is meant.
    """

    demand: Path | None = None
    heat_pump: Path | None = None
    pv: Path | None = None
    temperature: Path | None = None
    form: MeterForm = _AS_IT_SAYS
    pv_form: MeterForm = _YIELD


def read_profiles(
    customers: Customers,
    horizon: Horizon,
    files: ProfileFiles,
    *,
    seed: int,
    place: Place = MANCHESTER,
    source: ProfileSource = "generated",
) -> tuple[ProfileSet | None, tuple[Finding, ...]]:
    """Read or make the profiles of customers.

    Parameters
    ----------
    customers, horizon
        Who, and when.
    files
        What was measured.
    seed, place
        Of what is generated, and of who gets which meter.
    source
        Where what was not measured comes from: our generator, or the shapes of SimBench.

    Returns
    -------
    ``None`` where any finding is an error; and the findings of all files.
    """
    findings: list[Finding] = []
    temperature: OutdoorTemperature | None = None
    if files.temperature is not None:
        temperature, found = read_temperature(files.temperature, horizon, form=files.form)
        findings.extend(found)
    made = generate_profiles(customers, horizon, seed=seed, place=place, temperature=temperature)
    if source == "simbench":
        shapes, found = read_simbench(customers, horizon, seed=seed)
        findings.extend(found)
        made = made if shapes is None else shapes
    sources: dict[Kind, PowerSource] = {"demand": made.demand, "heat_pump": made.heat_pump, "pv": made.pv}
    paths: dict[Kind, Path | None] = {"demand": files.demand, "heat_pump": files.heat_pump, "pv": files.pv}
    for kind, path in paths.items():
        if path is None:
            continue
        form = files.pv_form if kind == "pv" else files.form
        power, found = read_metered(path, customers, horizon, kind=kind, form=form, seed=seed)
        findings.extend(found)
        if power is not None:
            sources[kind] = power
    steps = {paths[k]: s.step_s for k, s in sources.items() if isinstance(s, MeteredPower)}
    if len(set(steps.values())) > 1:
        listed = ", ".join(f"{p.name if p else ''} every {s / 60:g} min" for p, s in steps.items())
        message = (
            f"the files have different steps: {listed}; each becomes means of {horizon.step_s / 60:g} min"
        )
        findings.append(Finding("network.profiles.steps", "info", "profiles", message))
    if has_errors(findings):
        return None, sorted_findings(findings)
    profiles = ProfileSet(horizon, sources["demand"], sources["heat_pump"], sources["pv"])
    return profiles, sorted_findings(findings)
