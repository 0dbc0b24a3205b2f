"""Sweep: our batch power flow of radial three-phase networks, sixteen snapshots side by side, two cores."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.errors import InputError
from sparewatt.finding import has_errors
from sparewatt.model.network import PHASES
from sparewatt.physics.condense import condense
from sparewatt.physics.lanes import LANES
from sparewatt.physics.power_flow import FlowResult, FlowWant
from sparewatt.physics.recipes import build_recipes
from sparewatt.physics.report_kernels import solve_span
from sparewatt.physics.slots import build_slots
from sparewatt.physics.sweep_kernels import PLAIN_ROWS, ZIP_ROWS
from sparewatt.physics.thevenin import find_thevenin
from sparewatt.physics.topology import check_tree, find_feeders

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.network import Network
    from sparewatt.physics.recipes import Recipes

KAPPA = 0.8
"""How much of the voltage drop counts as the slope of the currents; 0.8 takes the fewest passes."""
LEAST_KAPPA = 0.05
MOST_PASSES = 100
TILE_GROUPS = 4
"""Groups of sixteen whose powers are read and whose results are written together."""
SPAN = 512
"""Snapshots that a worker takes at once."""
PLAIN_WANT = FlowWant()


class Sweep:
    """Batch power flow of one radial network.

    Parameters
    ----------
    network
        Radial, all loads connected.
    tolerance_pu
        How far load voltages may be off [pu].
    workers
        Threads; the results do not depend on it.

    Raises
    ------
    InputError
        Loops, or loads without a path to the busbar.
    """

    def __init__(self, network: Network, *, tolerance_pu: float = 1e-8, workers: int = 1) -> None:
        feeders = find_feeders(network)
        findings = check_tree(network, feeders)
        if has_errors(findings):
            raise InputError(findings)
        self._network, self._feeders, self._workers = network, feeders, workers
        self._condensed = condense(network, feeders)
        self._last: tuple[FlowWant, Recipes] | None = None
        thevenin = find_thevenin(network)
        self._tree = build_slots(network, self._condensed, thevenin)
        self._losses = (thevenin.loss_w, _pairs(thevenin.loss_v), _pairs(thevenin.loss_ohm))
        share = network.loads.zip_share
        mixed = bool((share[:, :2] != 0).any())
        power_share = float(share[:, 2].mean()) if len(share) else 1.0
        self._settings = (
            1.0 / network.base_v,
            max(KAPPA * power_share, LEAST_KAPPA),
            tolerance_pu * network.base_v,
            MOST_PASSES,
            ZIP_ROWS if mixed else PLAIN_ROWS,
        )

    def solve(
        self, kw: NDArray[np.float64], kvar: NDArray[np.float64], want: FlowWant | None = None
    ) -> FlowResult:
        """Solve every snapshot; see :class:`~sparewatt.physics.power_flow.PowerFlow`.

        Beside the results it needs a few MB a worker, whatever the number of snapshots. A snapshot that
        does not converge within 100 passes is flagged and all zeros.
        """
        want = want or PLAIN_WANT
        shape = (len(self._network.loads), np.shape(kw)[-1])
        kw, kvar = _checked(kw, shape, "kw"), _checked(kvar, shape, "kvar")
        recipes = self._recipes_for(want)
        plain, pairs = _rows_of(recipes, shape[0] if want.load_voltages else 0)
        out = np.empty((plain + 2 * pairs) * shape[1])
        converged = np.empty(shape[1], dtype=np.bool_)
        whole = shape[1] - shape[1] % LANES
        passes = self._solve_whole(recipes, (kw, kvar), (shape[1], whole), (plain, pairs), out, converged)
        if whole < shape[1]:
            passes = max(passes, self._solve_rest(recipes, (kw, kvar), whole, (plain, pairs), out, converged))
        lost = ~converged
        if lost.any():
            cut = plain * shape[1]
            out[:cut].reshape(plain, -1)[:, lost] = 0.0
            out[cut:].reshape(pairs, -1, 2)[:, lost] = 0.0
        return _unpack(out, recipes, (plain, pairs), want, shape, converged, passes)

    def _recipes_for(self, want: FlowWant) -> Recipes:
        """Recipes of what is wanted; those of the last call where the same is wanted again."""
        if self._last is None or self._last[0] is not want:
            self._last = (want, build_recipes(self._network, self._feeders, self._condensed, want))
        return self._last[1]

    def _solve_whole(
        self,
        recipes: Recipes,
        powers: tuple[NDArray[np.float64], NDArray[np.float64]],
        length: tuple[int, int],
        rows: tuple[int, int],
        out: NDArray[np.float64],
        converged: NDArray[np.bool_],
    ) -> int:
        """Solve whole groups of sixteen, in spans spread over the workers; most passes."""
        snapshots, end = length

        def solve(first: int) -> int:
            span = (snapshots, first, min(first + SPAN, end), TILE_GROUPS)
            args = (powers[0].reshape(-1), powers[1].reshape(-1), span, *rows, out, converged)
            return int(solve_span(self._tree, recipes, self._losses, self._settings, *args))

        starts = range(0, end, SPAN)
        if self._workers == 1 or len(starts) < 2:  # noqa: PLR2004 - nothing to share
            return max(map(solve, starts), default=0)
        with ThreadPoolExecutor(self._workers) as pool:
            return max(pool.map(solve, starts))

    def _solve_rest(
        self,
        recipes: Recipes,
        powers: tuple[NDArray[np.float64], NDArray[np.float64]],
        first: int,
        rows: tuple[int, int],
        out: NDArray[np.float64],
        converged: NDArray[np.bool_],
    ) -> int:
        """Solve the last snapshots, filled up to sixteen without load."""
        plain, pairs = rows
        count = powers[0].shape[1]
        width = count - first
        filled = [np.zeros((len(p), LANES)) for p in powers]
        for own, p in zip(filled, powers, strict=True):
            own[:, :width] = p[:, first:]
        rest, flags = np.empty((plain + 2 * pairs) * LANES), np.empty(LANES, dtype=np.bool_)
        passes = self._solve_whole(recipes, (filled[0], filled[1]), (LANES, LANES), rows, rest, flags)
        cut, rest_cut = plain * count, plain * LANES
        out[:cut].reshape(plain, count)[:, first:] = rest[:rest_cut].reshape(plain, LANES)[:, :width]
        to, since = out[cut:].reshape(pairs, count, 2), rest[rest_cut:].reshape(pairs, LANES, 2)
        to[:, first:] = since[:, :width]
        converged[first:] = flags[:width]
        return passes


def _checked(power: NDArray[np.float64], shape: tuple[int, int], name: str) -> NDArray[np.float64]:
    if np.shape(power) != shape:
        raise ValueError(f"{name} has shape {np.shape(power)}, not (loads, snapshots) = {shape}")
    return np.ascontiguousarray(power, dtype=np.float64)


def _rows_of(recipes: Recipes, loads: int) -> tuple[int, int]:
    """Real and complex rows of the report."""
    zones, over = len(recipes.zone_first) - 1, len(recipes.over_first) - 1
    return loads + 1 + 2 * zones + over, PHASES + len(recipes.node_seat) + 6 * recipes.asked


def _unpack(
    out: NDArray[np.float64],
    recipes: Recipes,
    rows: tuple[int, int],
    want: FlowWant,
    shape: tuple[int, int],
    converged: NDArray[np.bool_],
    passes: int,
) -> FlowResult:
    """Name the rows of the report; views, nothing is copied but the counts."""
    loads, snapshots = shape if want.load_voltages else (0, shape[1])
    plain, pairs = rows
    zones, asked, nodes = len(recipes.zone_first) - 1, recipes.asked, len(recipes.node_seat)
    real = out[: plain * snapshots].reshape(plain, snapshots)
    both = out[plain * snapshots :].view(np.complex128).reshape(pairs, snapshots)
    over = loads + 1 + 2 * zones
    flows = PHASES + nodes
    return FlowResult(
        load_voltage_pu=real[:loads],
        node_voltage_v=both[PHASES:flows].reshape(nodes // PHASES, PHASES, snapshots),
        branch_current_a=both[flows : flows + PHASES * asked].reshape(asked, PHASES, snapshots),
        branch_power_kva=both[flows + PHASES * asked :].reshape(asked, PHASES, snapshots),
        zone_min_pu=real[loads + 1 : loads + 1 + zones],
        zone_max_pu=real[loads + 1 + zones : over],
        overloads=real[over:].astype(np.int64),
        losses_kw=real[loads],
        busbar_kva=both[:PHASES],
        converged=converged,
        iterations=passes,
    )


def _pairs(values: NDArray[np.complex128]) -> NDArray[np.float64]:
    return np.ascontiguousarray(np.stack([values.real, values.imag], axis=-1))
