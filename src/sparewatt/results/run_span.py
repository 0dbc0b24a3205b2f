"""The time that a run is about: from when to when, read from its series."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from sparewatt.results.run_folder import SERIES

if TYPE_CHECKING:
    from sparewatt.results.run_folder import RunFolder


class RunSpan(NamedTuple):
    """From when to when.

    Parameters
    ----------
    start, end
        tz-aware.
    """

    start: datetime
    end: datetime


def run_span(folder: RunFolder, study: str) -> RunSpan | None:
    """The time that a run is about; ``None`` of studies of a day of the year, and where nothing was planned.

    Raises
    ------
    InputError
        Its series are not there, or not readable.
    """
    if study == "depot":
        from sparewatt.results.depot_windows import DepotWindows  # noqa: PLC0415 - what is asked for only

        scenarios = folder.outcome().scenarios
        if not scenarios:
            return None
        horizon = DepotWindows.of(folder.path / SERIES, scenarios[0].scenario_id).horizon
        return RunSpan(horizon.start, horizon.end)
    if study == "cluster":
        from sparewatt.results.cluster_windows import ClusterWindows  # noqa: PLC0415 - as above

        horizon = ClusterWindows.of(folder.path / SERIES).horizon
        return RunSpan(horizon.start, horizon.end)
    if study == "community":
        from sparewatt.results.community_part_reading import read_community_facts  # noqa: PLC0415 - as above

        facts = read_community_facts(folder.path / SERIES)
        start = datetime.fromtimestamp(facts.origin_s, UTC)
        return RunSpan(start, start + timedelta(minutes=facts.minutes))
    return None
