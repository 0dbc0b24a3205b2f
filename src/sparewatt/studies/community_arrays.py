"""Repetitions as arrays and back, for the pieces that a stopped run is carried on from."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np

from sparewatt.decide.optimise.community_bounds import Bound, Bounds
from sparewatt.finding import Finding
from sparewatt.model.contract import Decisions
from sparewatt.results.community_contract_rows import ContractRows
from sparewatt.results.community_device_totals import BaseTotals, DeviceCosts
from sparewatt.results.community_energy_totals import ConsumerTotals, HouseTotals, ProducerTotals
from sparewatt.results.community_flows import HouseFlows, MinuteFlows
from sparewatt.results.community_repetition import AnswerCounts, Repetition, ScoreSteps

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sparewatt.studies.pieces import Arrays

    Part = TypeVar("Part")

_PARTS: dict[str, type[Any]] = {
    "contracts": ContractRows,
    "counts": AnswerCounts,
    "decisions": Decisions,
    "scores": ScoreSteps,
    "houses": HouseTotals,
    "consumers": ConsumerTotals,
    "producers": ProducerTotals,
    "minutes": MinuteFlows,
    "costs": DeviceCosts,
    "base_loads": BaseTotals,
}
_NUMBERS = {"number": int, "covered_kwh": float, "grid_account": float, "seconds": float}
_FLOWS, _FINDINGS = "flows", "findings"


def repetition_arrays(repetition: Repetition, flows: HouseFlows | None) -> Arrays:
    """A repetition, and the flows of every house where they are kept, as arrays."""
    arrays: Arrays = {name: np.array(getattr(repetition, name)) for name in _NUMBERS}
    for name in _PARTS:
        part = getattr(repetition, name)
        if part is not None:
            arrays |= _part_arrays(name, part)
    if flows is not None:
        arrays |= _part_arrays(_FLOWS, flows)
    text = json.dumps([finding.to_dict() for finding in repetition.findings])
    arrays[_FINDINGS] = np.frombuffer(text.encode(), np.uint8)
    return arrays


def repetition_of_arrays(arrays: Arrays) -> tuple[Repetition, HouseFlows | None]:
    """The repetition that `repetition_arrays` made arrays of."""
    findings = tuple(
        Finding(**{**found, "ids": tuple(found["ids"])})
        for found in json.loads(arrays[_FINDINGS].tobytes().decode())
    )
    numbers = {name: kind(arrays[name]) for name, kind in _NUMBERS.items()}
    parts = {name: _part_of(kind, name, arrays) for name, kind in _PARTS.items()}
    repetition = Repetition(**cast("Any", {**numbers, **parts, "findings": findings}))
    return repetition, _part_of(HouseFlows, _FLOWS, arrays)


def bounds_arrays(bounds: Bounds) -> Arrays:
    """Bounds as arrays."""
    return {
        field.name: np.array([getattr(getattr(bounds, field.name), own.name) for own in fields(Bound)])
        for field in fields(Bounds)
    }


def bounds_of_arrays(arrays: Arrays) -> Bounds:
    """The bounds that `bounds_arrays` made arrays of."""
    return Bounds(**{field.name: Bound(*arrays[field.name].tolist()) for field in fields(Bounds)})


def _part_arrays(name: str, part: object) -> Arrays:
    if not is_dataclass(part):
        raise TypeError(name)
    return {f"{name}.{field.name}": np.asarray(getattr(part, field.name)) for field in fields(part)}


def _part_of(kind: type[Part], name: str, arrays: Mapping[str, Any]) -> Part | None:
    """A part that is there; texts and plain numbers are as they were."""
    given = {}
    for field in fields(cast("Any", kind)):
        array = arrays.get(f"{name}.{field.name}")
        if array is None:
            return None
        if array.dtype.kind == "U":
            given[field.name] = tuple(array.tolist())
        elif array.ndim == 0:
            given[field.name] = array.item()
        else:
            given[field.name] = array
    return kind(**given)
