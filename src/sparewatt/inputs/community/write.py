"""Writing a neighbourhood folder that reads as the same again, whole or not at all."""

from __future__ import annotations

import tempfile
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.errors import InputError
from sparewatt.inputs.community.folder_texts import FILES, FOLDERS, folder_texts, used_profiles
from sparewatt.inputs.community.kept_mark import KEPT_AS, mark_text
from sparewatt.inputs.community.read import read_neighbourhood
from sparewatt.inputs.finding_log import FindingLog
from sparewatt.model.curves import join_curves

if TYPE_CHECKING:
    from sparewatt.inputs.community.kept_mark import KeptMark
    from sparewatt.inputs.community.tariff import TariffSteps
    from sparewatt.model.neighbourhood import Neighbourhood

_SHOWN = 10


def write_neighbourhood(
    neighbourhood: Neighbourhood,
    folder: Path,
    *,
    steps: TariffSteps | None = None,
    mark: KeptMark | None = None,
) -> tuple[Path, ...]:
    """Write a neighbourhood as a folder, whole or not at all.

    The files are written beside the folder, read back and compared, and only then put in its place. A folder
    that is there is replaced when it holds a neighbourhood and nothing else.

    Parameters
    ----------
    neighbourhood
        The neighbourhood. Load profiles that no job uses are left out.
    folder
        Where to; made where it does not exist.
    steps
        Prices for ``tariff.csv``; left out: no such file.
    mark
        The neighbourhood of a store that this is, for ``kept_as.json``; left out: no such file.

    Returns
    -------
    The files.

    Raises
    ------
    InputError
        When the folder holds other things, or when what is written would not read as the same (an id that is
        no id, a producer without a forecast, …); then nothing is written.
    """
    target = Path(folder).resolve()
    _check_target(target)
    tidy = _tidy(neighbourhood, target.name)
    texts = _texts(tidy, steps) + ([] if mark is None else [(KEPT_AS, mark_text(mark))])
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as inside:
            staged = Path(inside, target.name)
            _write_all(texts, staged)
            _check_same(tidy, staged)
            _put_in_place(staged, target, Path(inside, "before"))
    except OSError as error:
        message = f"the folder cannot be written: {error.strerror or type(error).__name__}"
        raise _refusal("community.write.folder", message, "a folder that can be written to") from error
    return tuple(target / name for name, _ in texts)


def _write_all(texts: list[tuple[str, str]], folder: Path) -> None:
    for part in sorted({name.partition("/")[0] for name, _ in texts if "/" in name}):
        (folder / part).mkdir(parents=True)
    for name, text in texts:
        (folder / name).write_bytes(text.encode("utf-8", "surrogatepass"))


def _put_in_place(staged: Path, target: Path, before: Path) -> None:
    """The new folder in the place of the old one, which comes back where that fails."""
    if not target.exists():
        staged.rename(target)
        return
    target.rename(before)
    try:
        staged.rename(target)
    except OSError:
        before.rename(target)
        raise


def _texts(neighbourhood: Neighbourhood, steps: TariffSteps | None) -> list[tuple[str, str]]:
    try:
        return list(folder_texts(neighbourhood, steps))
    except KeyError as error:  # a device in a house that there is not
        message = f"a device is in house {error.args[0]}, which there is not"
        raise _refusal("community.write.differs", message, "a house that is one of house_ids") from None


def _check_target(target: Path) -> None:
    """Only a neighbourhood is replaced."""
    if target.exists() and not target.is_dir():
        raise _refusal("community.write.folder", f"{target.name} is a file", "the name of a folder")
    others = [] if not target.exists() else [p.name for p in target.iterdir()]
    others = sorted(name for name in others if name not in {*FILES, *FOLDERS})
    if others:
        message = f"the folder {target.name} holds other things than a neighbourhood, nothing was written"
        shown = ", ".join(others[:_SHOWN])
        raise _refusal("community.write.folder", message, "another folder, or take these away", shown)


def _tidy(n: Neighbourhood, name: str) -> Neighbourhood:
    """A name, devices by house, load profiles in the order in which jobs use them first, others left out."""
    houses = {house: row for row, house in enumerate(n.house_ids)}
    devices = tuple(sorted(n.devices, key=lambda d: houses.get(d.house, -1)))
    n = replace(n, name=n.name or name, devices=devices)
    rows = used_profiles(n.jobs.profile)
    if rows == list(range(len(n.jobs.profiles))):
        return n
    number = {row: new for new, row in enumerate(rows)}
    profile = np.array([number.get(row, row) for row in n.jobs.profile.tolist()], np.int64)
    profiles = join_curves(n.jobs.profiles.points(row) for row in rows)
    return replace(n, jobs=replace(n.jobs, profile=profile, profiles=profiles))


def _check_same(n: Neighbourhood, folder: Path) -> None:
    """What was written says what was meant."""
    read, findings = read_neighbourhood(folder)
    if read is None:
        raise InputError(findings)
    differs = [
        field.name for field in fields(n) if not same_parts(getattr(n, field.name), getattr(read, field.name))
    ]
    if differs:
        message = f"{', '.join(differs)} would not read as the same, nothing was written"
        remedy = (
            "names as the folder writes them, jobs with profiles before EVs, a forecast for every producer, "
            "time 0 at the first event"
        )
        raise _refusal("community.write.differs", message, remedy, ", ".join(differs))


def same_parts(one: object, other: object) -> bool:
    """Whether two parts of a neighbourhood are the same to the bit."""
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other)
    if isinstance(one, tuple) or not hasattr(one, "__dataclass_fields__"):
        return bool(one == other)
    return all(same_parts(getattr(one, name), getattr(other, name)) for name in one.__dataclass_fields__)


def _refusal(rule: str, message: str, remedy: str, value: str = "") -> InputError:
    log = FindingLog()
    log.add(rule, "error", "neighbourhood folder", message, value, remedy)
    return InputError(log.findings())
