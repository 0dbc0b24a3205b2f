"""Reading what a cluster run asks for: sheets in, a hub and its fleet out, every problem at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Protocol

from sparewatt.finding import has_errors
from sparewatt.inputs.cluster import schema
from sparewatt.inputs.cluster.diaries import read_diaries
from sparewatt.inputs.cluster.fleet_rules import check_reach, check_socs, check_times, seen_visits
from sparewatt.inputs.cluster.fleet_sheet import read_fleet_sheet, read_power_soc
from sparewatt.inputs.cluster.hub import read_capacity, read_price, read_units, sort_sheets
from sparewatt.inputs.cluster.periods import find_horizon
from sparewatt.inputs.cluster.sessions import read_sessions
from sparewatt.inputs.cluster.system import check_names, intersect_limits, make_system
from sparewatt.inputs.finding_log import FindingLog

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sparewatt.finding import Finding
    from sparewatt.inputs.cluster.hub import HubSheets
    from sparewatt.inputs.cluster.settings import ClusterSettings
    from sparewatt.inputs.cluster.visits import Visits
    from sparewatt.model.cluster_system import ClusterSystem
    from sparewatt.model.evses import Evses
    from sparewatt.model.fleet import Fleet
    from sparewatt.model.limit import Limit
    from sparewatt.model.operating_rules import OperatingRules


class Sources(Protocol):
    """Where the inputs of a cluster run are: paths inside the folder of the scenario file.

    The table `[inputs]` of a scenario is one, and so is :class:`ClusterSources`.
    """

    @property
    def workbook(self) -> str | None:
        """The hub as a workbook (.xlsx)."""

    @property
    def tables(self) -> str | None:
        """The hub as a folder of CSV files with the same sheets."""

    @property
    def sessions(self) -> str | None:
        """The fleet as recorded sessions (ACN-Data JSON), instead of the sheet Fleet."""

    @property
    def diaries(self) -> str | None:
        """The fleet as EV diaries (CSV or workbook), instead of the sheet Fleet."""


@dataclass(frozen=True)
class ClusterSources:
    """`Sources` without a scenario file.

    Parameters
    ----------
    workbook, tables
        The hub; one of them.
    sessions, diaries
        The fleet, where it does not stand in the sheet Fleet; one of them at most.
    """

    workbook: str | None = None
    tables: str | None = None
    sessions: str | None = None
    diaries: str | None = None


@dataclass(frozen=True)
class ClusterInputs:
    """What a cluster run is made of.

    Parameters
    ----------
    system, fleet, rules
        The hub, its visits, and how it is run.
    sources
        Names of the files and sheets that were read, for people.
    """

    system: ClusterSystem
    fleet: Fleet
    rules: OperatingRules
    sources: tuple[str, ...]


def read_cluster(
    sources: Sources,
    settings: ClusterSettings,
    base_dir: Path,
    *,
    limits: Mapping[str, Limit] | None = None,
) -> tuple[ClusterInputs | None, tuple[Finding, ...]]:
    """Read and judge the inputs of a cluster run.

    Parameters
    ----------
    sources
        Where they are, relative to ``base_dir`` and inside it.
    settings
        The `[cluster]` table of the scenario.
    base_dir
        Folder of the scenario file.
    limits
        Further limits by cluster id, on the periods of the run; they are intersected with its own.

    Returns
    -------
    The inputs, or ``None`` where any finding is an error; and all findings, errors first.
    """
    log = FindingLog()
    inputs = _read(sources, settings, base_dir, log)
    if inputs is not None and limits:
        inputs = _limited(inputs, limits, log)
    return (None if log.errors else inputs), log.findings()


def with_cluster_limits(
    inputs: ClusterInputs, limits: Mapping[str, Limit]
) -> tuple[ClusterInputs | None, tuple[Finding, ...]]:
    """The inputs with further limits by cluster id (from another run), intersected with their own.

    Parameters
    ----------
    inputs
        What was read.
    limits
        Limits on the periods of ``inputs.system.horizon``.

    Returns
    -------
    The inputs, or ``None`` where any finding is an error; and the findings.
    """
    log = FindingLog()
    limited = _limited(inputs, limits, log)
    findings = log.findings()
    return (None if has_errors(findings) else limited), findings


def _limited(inputs: ClusterInputs, limits: Mapping[str, Limit], log: FindingLog) -> ClusterInputs:
    held = intersect_limits(inputs.system, limits, log)
    return replace(inputs, system=replace(inputs.system, limits=held))


def _read(
    sources: Sources, settings: ClusterSettings, base_dir: Path, log: FindingLog
) -> ClusterInputs | None:
    sheets = _read_hub(sources, base_dir, log)
    if sheets is None:
        return None
    zone = settings.timezone
    evses = read_units(sheets, log)
    capacities = {k: s for k, s in sheets.capacities.items() if k in sheets.clusters}
    limits = {schema.cluster_id(k): read_capacity(s, zone, log) for k, s in capacities.items()}
    price = None if sheets.price is None else read_price(sheets.price, zone, log)
    if sheets.price is None:
        message = "there is no sheet Price: energy costs nothing"
        remedy = f"a sheet Price with the columns {', '.join(schema.PRICE_FORM.required)}"
        log.add("cluster.price.none", "info", sheets.place, message, "", remedy)
    check_names(settings, sheets.cluster_ids, log)
    visits = _read_visits(sources, sheets, evses, settings, base_dir, log)
    if visits is not None:
        check_times(visits, zone, log)
        check_socs(visits, log)
        if evses is not None:
            check_reach(visits, evses, len(sheets.cluster_ids), log)
    horizon = find_horizon(settings, None if visits is None else visits.fleet, log)
    if horizon is None:
        return None
    if visits is not None:
        visits = seen_visits(visits, horizon, log)
    system = make_system(settings, horizon, sheets.cluster_ids, evses, limits, price, log)
    if visits is None or system is None:
        return None
    read = [s.name for s in (*sheets.clusters.values(), *capacities.values())]
    read += [s.name for s in (sheets.price, sheets.power_soc) if s is not None]
    sources_read = (f"{sheets.place}: {', '.join(read)}", f"fleet: {visits.source}")
    return ClusterInputs(system, visits.fleet, settings.operating_rules(), sources_read)


def _read_visits(
    sources: Sources,
    sheets: HubSheets,
    evses: Evses | None,
    settings: ClusterSettings,
    base_dir: Path,
    log: FindingLog,
) -> Visits | None:
    """The fleet, from sessions, diaries or the sheet Fleet."""
    given = [
        (k, v) for k, v in (("sessions", sources.sessions), ("diaries", sources.diaries)) if v is not None
    ]
    if not given:
        return _read_fleet(sheets, settings, log)
    if len(given) > 1:
        message, remedy = "sessions and diaries are both given", "the fleet comes from one of them"
        log.add("scenario.inputs.fleet", "error", "inputs.sessions", message, "", remedy)
        return None
    for sheet in (sheets.fleet, sheets.power_soc):
        if sheet is not None:
            message = f"the sheet is not read, as the fleet comes from inputs.{given[0][0]}"
            log.add("cluster.fleet.unused", "info", sheet.name, message, sheet.name)
    path = find_path(given[0][1], base_dir, f"inputs.{given[0][0]}", log)
    if path is None:
        return None
    if given[0][0] == "diaries":
        return read_diaries(path, settings, log)
    units = {} if evses is None else dict(zip(evses.ids, evses.cluster.tolist(), strict=True))
    return read_sessions(path, settings.assumptions, log, cluster_of_unit=units)


def _read_fleet(sheets: HubSheets, settings: ClusterSettings, log: FindingLog) -> Visits | None:
    if sheets.fleet is None:
        message = f"there is no sheet Fleet in {sheets.place}"
        remedy = f"add it with the columns {', '.join(schema.FLEET_FORM.required)}"
        log.add("cluster.sheet.missing", "error", sheets.place, message, schema.FLEET, remedy)
        return None
    visits = read_fleet_sheet(sheets.fleet, sheets.cluster_ids, settings.timezone, settings.reservation, log)
    if visits is not None and sheets.power_soc is not None:
        visits = read_power_soc(sheets.power_soc, visits, log)
    return visits


def _wanted(name: str) -> bool:
    return schema.sheet_kind(name)[0] != ""


def _read_hub(sources: Sources, base_dir: Path, log: FindingLog) -> HubSheets | None:
    """The sheets of workbook or folder; ``None`` where there are none."""
    if (sources.workbook is None) == (sources.tables is None):
        message = "a hub comes from one workbook or one folder of tables"
        remedy = 'workbook = "hub.xlsx", or tables = "tables/" with Fleet.csv, Cluster1.csv, Capacity1.csv'
        log.add("scenario.inputs.hub", "error", "inputs", message, "", remedy)
        return None
    if sources.workbook is not None:
        path = find_path(sources.workbook, base_dir, "inputs.workbook", log)
        if path is None:
            return None
        from sparewatt.inputs.sheets.workbook import read_workbook  # noqa: PLC0415 - openpyxl is heavy

        sheets = read_workbook(path, _wanted, log)
        return None if sheets is None else sort_sheets(path.name, sheets, log)
    folder = find_path(sources.tables or "", base_dir, "inputs.tables", log, folder=True)
    if folder is None:
        return None
    from sparewatt.inputs.sheets.csv_sheets import read_csv_sheets  # noqa: PLC0415 - beside its alternative

    return sort_sheets(f"the folder {folder.name}", read_csv_sheets(folder, _wanted, log), log)


def find_path(
    source: str, base_dir: Path, where: str, log: FindingLog, *, folder: bool = False
) -> Path | None:
    """A file or folder inside the folder of the scenario; what is wrong with it is noted."""
    remedy = f"a {'folder' if folder else 'file'} beside the scenario file, or below it"
    windows = PureWindowsPath(source)
    leaves = PurePosixPath(source).is_absolute() or windows.drive or ".." in windows.parts
    try:
        path = (Path(base_dir) / source).resolve()
        leaves = leaves or not path.is_relative_to(Path(base_dir).resolve())
        there, right = path.exists(), path.is_dir() if folder else path.is_file()
    except (OSError, ValueError):  # a name that no file can have
        log.add("cluster.source.path", "error", where, "is not the name of a file", source, remedy)
        return None
    message = ""
    if leaves:
        message = "the path leaves the folder of the scenario file"
    elif not there:
        message = f"there is no such {'folder' if folder else 'file'}"
    elif not right:
        message = "is a file, not a folder" if folder else "is a folder, not a file"
    if message:
        log.add("cluster.source.path", "error", where, message, source, remedy)
        return None
    return path
