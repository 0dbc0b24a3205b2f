"""Tables of loads for a batch power flow, CSV or Parquet: step or time, then the loads; in blocks."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from sparewatt.errors import InputError
from sparewatt.finding import Finding
from sparewatt.inputs.scenario_findings import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

STEPS = ("step", "time")
"""What the first column may be called."""
_NAMED = 5
_BYTES = 1 << 24
_FEW = 5000

Block = tuple[pa.Array, "NDArray[np.float64]"]
"""Labels of some steps, and the powers of the loads, shape (loads, steps)."""


@contextmanager
def open_load_table(path: Path, load_ids: Sequence[str], rows: int) -> Iterator[tuple[str, Iterator[Block]]]:
    """Open a table of loads.

    Parameters
    ----------
    path
        ``.csv`` or ``.parquet``: the first column is ``step`` or ``time``, then one column per load by its
        name, in any order and in capitals or not; negative = export.
    load_ids
        Names of the loads of the network, each of which must have a column.
    rows
        Most steps of one block.

    Yields
    ------
    Name of the first column, and the blocks.

    Raises
    ------
    InputError
        The file is not readable, or its columns are not the loads; while blocks are read, a value is no
        finite number.
    """
    try:
        if path.suffix.lower() in {".parquet", ".pq"}:
            # Without buffers of whole row groups a table may be longer than memory.
            with pq.ParquetFile(path, pre_buffer=False, buffer_size=1 << 16) as file:
                names = file.schema_arrow.names
                order = _match(path, names, load_ids)
                yield names[0], _blocks(path, file.iter_batches(batch_size=rows), order, rows)
        else:
            names = _csv_header(path)
            order = _match(path, names, load_ids)
            types = {names[column]: pa.float64() for column in order}
            with pa.csv.open_csv(
                path,
                read_options=pa.csv.ReadOptions(block_size=_BYTES),
                convert_options=pa.csv.ConvertOptions(column_types=types),
            ) as reader:
                yield names[0], _blocks(path, reader, order, rows)
    except FileNotFoundError:
        raise _refused("file", path, "there is no such file", "", "check the path") from None
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        said = str(error).splitlines()[0]
        raise _refused(
            "file", path, f"the table cannot be read: {said}", "", "a whole CSV or Parquet file"
        ) from None


def _refused(rule: str, path: Path, message: str, value: str, remedy: str) -> InputError:
    return InputError([Finding(f"network.loads.{rule}", "error", path.name, message, value, remedy)])


def _csv_header(path: Path) -> list[str]:
    with path.open("rb") as file:
        head = file.readline(_BYTES)
    table = pa.csv.read_csv(pa.BufferReader(head.removeprefix(b"\xef\xbb\xbf")))
    return [str(name) for name in table.column_names]


def _match(path: Path, names: Sequence[str], load_ids: Sequence[str]) -> list[int]:
    """Column of each load; every problem of the header at once."""
    findings: list[Finding] = []

    def note(rule: str, message: str, value: str, remedy: str) -> None:
        findings.append(
            Finding(f"network.loads.{rule}", "error", f"{path.name} header", message, value, remedy)
        )

    if not names or names[0].strip().lower() not in STEPS:
        note(
            "step",
            "the first column is neither step nor time",
            names[0] if names else "",
            "step or time first",
        )
    row_of = {name.strip().lower(): n for n, name in enumerate(load_ids)}
    column_of: dict[int, int] = {}
    for column, name in enumerate(names[1:], start=1):
        row = row_of.get(name.strip().lower())
        if row is None:
            meant = nearest(name, load_ids) if len(load_ids) <= _FEW else None
            hint = f"; did you mean {meant}?" if meant else ""
            note(
                "unknown", f"column {column + 1} is no load of the network", name, f"the name of a load{hint}"
            )
        elif row in column_of:
            note("twice", f"the load {load_ids[row]} has two columns", name, "one column per load")
        else:
            column_of[row] = column
    missing = [load_ids[n] for n in range(len(load_ids)) if n not in column_of]
    if missing:
        listed = ", ".join(missing[:_NAMED]) + ("…" if len(missing) > _NAMED else "")
        note(
            "missing", f"{len(missing)} of {len(load_ids)} loads have no column", listed, "a column per load"
        )
    if findings:
        raise InputError(findings)
    return [column_of[n] for n in range(len(load_ids))]


def _blocks(
    path: Path, batches: Iterator[pa.RecordBatch], order: Sequence[int], rows: int
) -> Iterator[Block]:
    """Powers of at most ``rows`` steps at a time, loads in the order of the network."""
    first = 0
    for whole in batches:
        for begin in range(0, whole.num_rows, rows):
            batch = whole.slice(begin, rows)
            labels = batch.column(0)
            if labels.null_count:
                raise _refused(
                    "value", path, f"{labels.null_count} steps have no label", "", "a label per step"
                )
            power = np.empty((len(order), batch.num_rows))
            for load, column in enumerate(order):
                values = batch.column(column)
                if not (pa.types.is_floating(values.type) or pa.types.is_integer(values.type)):
                    name = batch.schema.names[column]
                    raise _refused(
                        "value", path, f"column {name} holds {values.type}, not numbers", "", "numbers"
                    )
                power[load] = values.cast(pa.float64()).fill_null(float("nan")).to_numpy(zero_copy_only=False)
            bad = np.argwhere(~np.isfinite(power))
            if len(bad):
                load, step = bad[0]
                name = batch.schema.names[order[int(load)]]
                where = f"column {name}, row {first + int(step) + 2}"
                message = f"{where} is empty or no finite number, and so are {len(bad) - 1} more nearby"
                raise _refused("value", path, message, str(power[load, step]), "a number of kW or kvar")
            yield labels, power
            first += batch.num_rows


def paired_blocks(
    path: Path, kw: Iterator[Block], kvar: Iterator[Block] | None
) -> Iterator[tuple[pa.Array, NDArray[np.float64], NDArray[np.float64]]]:
    """Blocks of active and reactive power of the same steps; without a second table that is 0.

    Parameters
    ----------
    path
        Of the second table, for findings.
    kw, kvar
        Blocks of both tables; their blocks may be cut at other steps.

    Raises
    ------
    InputError
        The labels of the two differ, or one is longer.
    """
    waiting: list[Block] = []
    for labels, active in kw:
        if kvar is None:
            yield labels, active, np.zeros_like(active)
            continue
        while _steps(waiting) < len(labels):
            more = next(kvar, None)
            if more is None:
                raise _refused(
                    "steps", path, "the table is shorter than the one of kW", "", "the same steps in both"
                )
            waiting.append(more)
        both = pa.concat_arrays([w[0].cast(labels.type) for w in waiting])
        reactive = np.concatenate([w[1] for w in waiting], axis=1)
        if not both.slice(0, len(labels)).equals(labels):
            raise _refused(
                "steps", path, "the steps are not those of the table of kW", "", "the same steps in both"
            )
        waiting = [(both.slice(len(labels)), reactive[:, len(labels) :])]
        yield labels, active, reactive[:, : len(labels)]
    if kvar is not None and (_steps(waiting) > 0 or next(kvar, None) is not None):
        raise _refused("steps", path, "the table is longer than the one of kW", "", "the same steps in both")


def _steps(blocks: Sequence[Block]) -> int:
    return sum(power.shape[1] for _, power in blocks)
