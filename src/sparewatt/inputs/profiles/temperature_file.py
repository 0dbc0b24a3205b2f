"""Outdoor temperature from a file: one column beside the time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.finding_log import FindingLog
from sparewatt.inputs.profiles.meter_file import read_meter_file
from sparewatt.inputs.profiles.meter_form import MeterForm
from sparewatt.inputs.profiles.meter_grid import find_grid, note_gaps
from sparewatt.inputs.profiles.meter_stamps import read_stamps
from sparewatt.inputs.profiles.metered import mean_power
from sparewatt.inputs.profiles.weather import GivenTemperature

if TYPE_CHECKING:
    from pathlib import Path

    from sparewatt.finding import Finding
    from sparewatt.model.horizon import Horizon

_LOWEST_C, _HIGHEST_C = -60.0, 60.0
_AS_IT_SAYS = MeterForm()


def read_temperature(
    path: Path, horizon: Horizon, *, form: MeterForm = _AS_IT_SAYS
) -> tuple[GivenTemperature | None, tuple[Finding, ...]]:
    """Read outdoor temperature [°C] as CSV or Parquet: a time and one value per row.

    Parameters
    ----------
    path, horizon
        The file, and the periods that it must cover; finer or coarser steps become means.
    form
        Time zone of stamps without offset, and whether stamps are starts; the unit is °C.

    Returns
    -------
    ``None`` where any finding is an error; and all findings.
    """
    log = FindingLog()
    table = read_meter_file(path, replace(form, layout="wide"), log)
    stamps_s = None if table is None else read_stamps(table, form.timezone, log)
    grid = None
    if table is not None and stamps_s is not None:
        if len(table.ids) > 1:
            message = f"the file has {len(table.ids)} columns beside the time"
            log.add("network.temperature.column", "error", path.name, message, "", "one column, in °C")
        else:
            grid = find_grid(table, stamps_s, horizon, at_end=form.stamps == "end", log=log)
    if table is None or grid is None:
        return None, log.findings()
    note_gaps(table, grid, np.zeros(1, dtype=np.int64), horizon, log)
    known = grid.values[~np.isnan(grid.values)]
    if len(known) and not (known.min() >= _LOWEST_C and known.max() <= _HIGHEST_C):
        worst = known.min() if known.min() < _LOWEST_C else known.max()
        message = f"a temperature of {worst:g} °C is none of outdoor air"
        log.add("network.temperature.range", "error", path.name, message, f"{worst:g}", "degrees Celsius")
    findings = log.findings()
    if log.errors:
        return None, findings
    values = mean_power(grid.values, grid.first_s, grid.step_s, horizon.boundaries_s)[0]
    return GivenTemperature(horizon, values), findings
