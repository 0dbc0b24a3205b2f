"""Files of a batch power flow: load voltages, head flows and losses as Parquet, written block by block."""

from __future__ import annotations

import json
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from sparewatt.results.whole_file import whole_file, write_whole_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

LOAD_VOLTAGES, HEAD_FLOWS, LOSSES, SUMMARY = (
    "load_voltages.parquet",
    "head_flows.parquet",
    "losses.parquet",
    "summary.json",
)


class FlowFiles:
    """Three files that grow together; see `open_flow_files`."""

    def __init__(
        self, step: str, load_ids: Sequence[str], head_ids: Sequence[str], paths: Sequence[Path]
    ) -> None:
        self._step, self._names = step, (tuple(load_ids), tuple(head_ids), ("losses_kw", "transformer_kva"))
        self._paths = paths
        self._writers: list[pq.ParquetWriter] = []

    def write(
        self,
        labels: pa.Array,
        load_pu: NDArray[np.float64],
        head_kva: NDArray[np.float64],
        losses: NDArray[np.float64],
        converged: NDArray[np.bool_],
    ) -> None:
        """Add steps; numbers of steps without a solution are empty.

        Parameters
        ----------
        labels
            Of the steps.
        load_pu
            Voltage of every load, shape (loads, steps) [pu].
        head_kva
            Signed apparent power into every feeder and phase, shape (feeders × 3, steps) [kVA].
        losses
            Losses and load of the transformer, shape (2, steps) [kW, kVA].
        converged
            Shape (steps,).
        """
        parts = []
        for names, values in zip(self._names, (load_pu, head_kva, losses), strict=True):
            columns = {n: pa.array(v, mask=~converged) for n, v in zip(names, values, strict=True)}
            parts.append({self._step: labels, **columns})
        parts[2]["converged"] = pa.array(converged)
        tables = [pa.table(p) for p in parts]
        if not self._writers:
            self._writers = [
                pq.ParquetWriter(path, table.schema, compression="zstd")
                for path, table in zip(self._paths, tables, strict=True)
            ]
        for writer, table in zip(self._writers, tables, strict=True):
            writer.write_table(table)

    def close(self) -> None:
        """All steps are written."""
        for writer in self._writers:
            writer.close()


@contextmanager
def open_flow_files(
    directory: Path, step: str, load_ids: Sequence[str], head_ids: Sequence[str]
) -> Iterator[FlowFiles]:
    """Files of a batch power flow in a folder; whole when the block ends well, and not there otherwise.

    Parameters
    ----------
    directory
        Made where it is not there.
    step
        Name of the column of labels.
    load_ids, head_ids
        Columns of voltages and of head flows.
    """
    with ExitStack() as stack:
        names = (LOAD_VOLTAGES, HEAD_FLOWS, LOSSES)
        paths = [stack.enter_context(whole_file(directory / name)) for name in names]
        files = FlowFiles(step, load_ids, head_ids, paths)
        try:
            yield files
        finally:
            files.close()


def write_summary(directory: Path, summary: dict[str, object]) -> None:
    """What the batch came to, as JSON."""
    write_whole_text(directory / SUMMARY, json.dumps(summary, indent=2) + "\n")
