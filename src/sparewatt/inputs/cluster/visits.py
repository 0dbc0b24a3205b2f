"""Visits as they were read, before the hub and the horizon are known, and where each of them stands."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.fleet import NO_TIME, Fleet
from sparewatt.model.power_table import PowerTable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from sparewatt.finding import Severity
    from sparewatt.inputs.finding_log import FindingLog


@dataclass(frozen=True)
class Visits:
    """A fleet with the places of its visits.

    Parameters
    ----------
    fleet
        The visits; where a value could not be read, NaN or `NO_TIME`.
    source
        Sheet or file that findings name.
    unit
        What one record is called: ``"row"`` of a sheet, ``"item"`` of a list.
    rows
        Record of each visit as people count it, shape (visits,).
    names
        What the source calls the fields of `Fleet`; the field's own name where it is not listed.
    """

    fleet: Fleet
    source: str
    unit: str
    rows: NDArray[np.int64]
    names: Mapping[str, str]

    def __len__(self) -> int:
        """Number of visits."""
        return len(self.fleet)

    def name(self, field: str) -> str:
        """What the source calls a field."""
        return self.names.get(field, field)

    def add(
        self,
        log: FindingLog,
        rule: str,
        severity: Severity,
        visit: int,
        field: str,
        message: str,
        value: str = "",
        remedy: str = "",
        *,
        margin: float | None = None,
    ) -> None:
        """Note a finding on one field of one visit."""
        where = f"{self.source} {self.unit} {self.rows[visit]}, column {self.name(field)}"
        vehicle = self.fleet.ids[visit]
        log.add(
            rule,
            severity,
            where,
            message,
            value,
            remedy,
            ids=(vehicle,) if vehicle else (),
            margin=margin,
            table=self.source,
        )

    def take(self, visits: NDArray[np.int64]) -> Visits:
        """Just these visits, in this order."""
        return replace(self, fleet=take_visits(self.fleet, visits), rows=self.rows[visits])


def take_visits(fleet: Fleet, visits: NDArray[np.int64]) -> Fleet:
    """Just these visits of a fleet, in this order."""
    table = fleet.power_table
    counts = np.diff(table.offset)[visits]
    ranges = np.concatenate(
        [np.arange(table.offset[v], table.offset[v + 1]) for v in visits[counts > 0]] or [np.zeros(0)]
    ).astype(np.int64)
    offset = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    arrays = {
        f.name: getattr(fleet, f.name)[visits] for f in fields(fleet) if f.name not in {"ids", "power_table"}
    }
    ids = tuple(fleet.ids[v] for v in visits.tolist())
    power_table = PowerTable(offset, table.soc_to[ranges], table.max_kw[ranges])
    return Fleet(ids=ids, power_table=power_table, **arrays)


def first_event_s(fleet: Fleet) -> NDArray[np.int64]:
    """When each visit is first heard of, shape (visits,) [s since the epoch]."""
    times = np.stack([fleet.reservation_s, fleet.declared_arrival_s, fleet.real_arrival_s])
    far = np.where(times == NO_TIME, np.iinfo(np.int64).max, times).min(axis=0)
    return np.where(far == np.iinfo(np.int64).max, fleet.declared_departure_s, far)


def last_event_s(fleet: Fleet) -> NDArray[np.int64]:
    """When each visit is last heard of, shape (visits,) [s since the epoch]."""
    return np.maximum(fleet.declared_departure_s, fleet.real_departure_s)
