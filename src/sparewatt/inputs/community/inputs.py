"""Reading what a community run asks for: a scenario in, neighbourhood, minutes, rules and prices out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.community.folder_files import FolderFiles
from sparewatt.inputs.community.kept_mark import read_kept_mark
from sparewatt.inputs.community.read import read_folder
from sparewatt.inputs.community.run_rules import check_run
from sparewatt.inputs.community.settings import FEED_IN
from sparewatt.inputs.community.tariff import (
    TARIFF,
    TariffSteps,
    flat_steps,
    read_tariff_steps,
    tariff_on_grid,
)
from sparewatt.inputs.finding_log import FindingLog
from sparewatt.model.minute_grid import find_grid

if TYPE_CHECKING:
    from sparewatt.finding import Finding
    from sparewatt.inputs.community.kept_mark import KeptMark
    from sparewatt.inputs.community.settings import CommunitySettings
    from sparewatt.inputs.scenario import Scenario
    from sparewatt.model.market_rules import MarketRules, Tariff
    from sparewatt.model.minute_grid import MinuteGrid
    from sparewatt.model.neighbourhood import Neighbourhood


@dataclass(frozen=True)
class CommunityInputs:
    """What a community run is made of.

    Parameters
    ----------
    neighbourhood
        Houses, jobs, producers, forecasts, batteries, base load, scores.
    grid
        The minutes.
    rules
        How a repetition trades.
    tariff
        Prices in each minute.
    steps
        The same prices as they were told.
    settings
        The `[community]` table: repetitions, sharing, interval, bound, workers and the rest.
    folder
        Where the neighbourhood was read from, and its scores are kept; ``None`` where there is no folder.
    mark
        The neighbourhood of a store that the folder was taken out of; ``None`` where it is none.
    """

    neighbourhood: Neighbourhood
    grid: MinuteGrid
    rules: MarketRules
    tariff: Tariff
    steps: TariffSteps
    settings: CommunitySettings
    folder: Path | None = None
    mark: KeptMark | None = None


def read_community(scenario: Scenario) -> tuple[CommunityInputs | None, tuple[Finding, ...]]:
    """Read and judge the inputs of a community run.

    Parameters
    ----------
    scenario
        Its ``inputs.folder`` is the neighbourhood folder, inside the folder of the scenario file.

    Returns
    -------
    The inputs, or ``None`` where any finding is an error; and all findings, errors first.
    """
    log = FindingLog()
    settings, base_dir = scenario.community, Path(scenario.base_dir)
    source = scenario.inputs.folder
    folder = None if source is None else _find_folder(source, base_dir, log)
    if source is None:
        remedy = 'folder = "neighbourhood/"'
        log.add("scenario.missing_key", "error", "inputs.folder", "folder is not given", "", remedy)
    neighbourhood = None if folder is None else read_folder(folder, log, reset_scores=settings.reset_scores)
    steps, name = _read_steps(settings, folder, base_dir, log)
    if neighbourhood is None or steps is None:
        return None, log.findings()
    inputs = _inputs_of(neighbourhood, settings, steps, log, name=name, folder=folder)
    if inputs is not None and folder is not None:
        inputs = replace(inputs, mark=read_kept_mark(FolderFiles(folder, log), log))
    return (None if log.errors else inputs), log.findings()


def community_inputs(
    neighbourhood: Neighbourhood,
    settings: CommunitySettings,
    steps: TariffSteps | None = None,
    *,
    folder: Path | None = None,
) -> tuple[CommunityInputs | None, tuple[Finding, ...]]:
    """The inputs of a run of a neighbourhood that is at hand already.

    Parameters
    ----------
    neighbourhood, settings
        What is run, and how. The prices of the settings count where they are numbers.
    steps
        Prices; left out: those of the settings.
    folder
        Where scores are kept.

    Returns
    -------
    As `read_community`.
    """
    log = FindingLog()
    told = _with_feed_in(flat_steps() if steps is None else steps, settings)
    if isinstance(settings.tariff, float):
        told = _priced(settings.tariff, settings)
    inputs = _inputs_of(neighbourhood, settings, told, log, name=TARIFF, folder=folder)
    return (None if log.errors else inputs), log.findings()


def _inputs_of(
    neighbourhood: Neighbourhood,
    settings: CommunitySettings,
    steps: TariffSteps,
    log: FindingLog,
    *,
    name: str,
    folder: Path | None,
) -> CommunityInputs | None:
    grid, not_asked = find_grid(neighbourhood, settings.simulated_days)
    check_run(neighbourhood, grid, not_asked, log)
    tariff = tariff_on_grid(steps, grid, settings.time_zone, name, log)
    if tariff is None:
        return None
    rules = settings.market_rules()
    return CommunityInputs(neighbourhood, grid, rules, tariff, steps, settings, folder)


def _find_folder(source: str, base_dir: Path, log: FindingLog) -> Path | None:
    """A folder inside the folder of the scenario; what is wrong with it is noted."""
    windows, message = PureWindowsPath(source), ""
    leaves = PurePosixPath(source).is_absolute() or bool(windows.drive) or ".." in windows.parts
    path = base_dir / source
    try:
        path = path.resolve()
        if leaves or not path.is_relative_to(base_dir.resolve()):
            message = "the path leaves the folder of the scenario file"
        elif not path.exists():
            message = "there is no such folder"
        elif not path.is_dir():
            message = "is a file, not a folder"
    except (OSError, ValueError, RuntimeError):  # a name that no file can have
        message = "is not the name of a folder"
    if message:
        remedy = "a folder beside the scenario file, with consumer_event.csv and producer_event.csv"
        log.add("community.source.path", "error", "inputs.folder", message, source, remedy)
    return None if message else path


def _read_steps(
    settings: CommunitySettings, folder: Path | None, base_dir: Path, log: FindingLog
) -> tuple[TariffSteps | None, str]:
    """The prices, and what people call where they come from."""
    if isinstance(settings.tariff, float):
        steps = _priced(settings.tariff, settings)
        _check_spread(steps, "community.feed_in", log)
        return steps, "community.tariff"
    text, name = None, TARIFF
    if isinstance(settings.tariff, str):
        name = settings.tariff
        text = FolderFiles(base_dir, log).read(name, "community.tariff", name)
        if text is None:
            return None, name
    elif folder is not None and (files := FolderFiles(folder, log)).has(TARIFF):
        text = files.read(TARIFF)
    told = flat_steps() if text is None else read_tariff_steps(name, text, log)
    if told is None or settings.feed_in is None:
        return told, name
    steps = _with_feed_in(told, settings)
    _check_spread(steps, "community.feed_in", log)
    return steps, name


def _priced(price: float, settings: CommunitySettings) -> TariffSteps:
    return flat_steps(price, FEED_IN if settings.feed_in is None else settings.feed_in)


def _with_feed_in(steps: TariffSteps, settings: CommunitySettings) -> TariffSteps:
    if settings.feed_in is None:
        return steps
    return replace(steps, feed_in_per_kwh=np.full(len(steps.time_s), settings.feed_in))


def _check_spread(steps: TariffSteps, where: str, log: FindingLog) -> None:
    least, most = float(steps.import_per_kwh.min()), float(steps.feed_in_per_kwh.max())
    if (steps.feed_in_per_kwh > steps.import_per_kwh).any():
        message = f"energy given to the grid earns up to {most:g}, energy from it costs from {least:g} on"
        remedy = "a feed-in price up to the price; with it, sharing can leave somebody worse off"
        log.add("community.tariff.spread", "warning", where, message, f"{most:g}", remedy)
