"""The two tables of an EV diary: vehicles and their stays, in a workbook or in a pair of CSV files.

Vehicles (``name``, ``capacity(kW)``, ``battery(kWh)``, ``ChargingEfficiency(%)``) and stays (``name``,
``t_in``, ``t_out`` in steps of ten minutes from noon, ``EStart``, ``EEnd`` in kWh) stand in the sheets
``EVs`` and ``EVsTravelDiary`` of a workbook, or in two CSV files beside each other, the second called like
the first with ``TD`` at its end. What a stay means is up to the study.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.inputs.scenario_findings import nearest
from sparewatt.inputs.sheets.columns import SheetForm
from sparewatt.inputs.sheets.csv_sheets import read_csv_sheet

if TYPE_CHECKING:
    from pathlib import Path

    from sparewatt.inputs.finding_log import FindingLog
    from sparewatt.inputs.sheets.sheet import Sheet

NAME, CAPACITY, BATTERY = "name", "capacity(kW)", "battery(kWh)"
EFFICIENCY = "ChargingEfficiency(%)"
BEGIN, END, FIRST_KWH, LAST_KWH = "t_in", "t_out", "EStart", "EEnd"
EV_FORM = SheetForm((NAME, CAPACITY, BATTERY, EFFICIENCY))
STAY_FORM = SheetForm((NAME, BEGIN, END, FIRST_KWH, LAST_KWH))
EV_SHEET, STAY_SHEET = "EVs", "EVsTravelDiary"

STEP_S = 600
"""Length of a step [s]."""
_DIARY_ENDING = "TD"


def diary_files(path: Path) -> tuple[Path, ...]:
    """The files that a diary consists of: a workbook alone, or the CSV files of vehicles and stays."""
    if path.suffix.lower() != ".csv":
        return (path,)
    if path.stem.endswith(_DIARY_ENDING):
        return path.with_name(f"{path.stem.removesuffix(_DIARY_ENDING)}{path.suffix}"), path
    return path, path.with_name(f"{path.stem}{_DIARY_ENDING}{path.suffix}")


def read_diary_sheets(path: Path, log: FindingLog) -> tuple[Sheet, Sheet] | None:
    """The tables of vehicles and stays; ``None`` where one is not there, which is noted."""
    if path.suffix.lower() == ".csv":
        found = []
        for file in diary_files(path):
            if not file.is_file():
                message = f"beside {path.name} there is no {file.name}"
                remedy = "vehicles in NAME.csv and their stays in NAMETD.csv"
                log.add("cluster.diaries.file", "error", path.name, message, file.name, remedy)
            else:
                found.append(read_csv_sheet(file, log))
        return (found[0], found[1]) if len(found) > 1 else None
    from sparewatt.inputs.sheets.workbook import read_workbook  # noqa: PLC0415 - openpyxl is heavy

    wanted = {EV_SHEET.casefold(): EV_SHEET, STAY_SHEET.casefold(): STAY_SHEET}
    sheets = read_workbook(path, lambda name: name.strip().casefold() in wanted, log)
    if sheets is None:
        return None
    by_name = {name.strip().casefold(): sheet for name, sheet in sheets.items()}
    for key, name in wanted.items():
        if key not in by_name:
            meant = nearest(name, sheets)
            remedy = f"call it {name}; there is: {', '.join(sheets)}"
            message = f"there is no sheet {name}{f'; is {meant} meant?' if meant else ''}"
            log.add("cluster.sheet.missing", "error", path.name, message, meant or "", remedy)
    if any(key not in by_name for key in wanted):
        return None
    return by_name[EV_SHEET.casefold()], by_name[STAY_SHEET.casefold()]
