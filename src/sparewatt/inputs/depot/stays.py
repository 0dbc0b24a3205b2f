"""From routes to stays: plug-in, plug-out, and the energy that left the battery before (spec section 2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.inputs.depot.routes import Routes


@dataclass(frozen=True)
class Stays:
    """Stays of vehicles, ordered by vehicle and then by time.

    Parameters
    ----------
    vehicle
        Row of the vehicle, shape (stays,).
    plug_in_s, plug_out_s
        Shape (stays,) [s since the epoch]; both at the end of the run for a vehicle that is away then.
    use_kwh
        Energy of the routes since the stay before, shape (stays,) [kWh].
    routes
        Range of routes driven since the stay before, shape (stays, 2); an empty range for the first.
    """

    vehicle: NDArray[np.int64]
    plug_in_s: NDArray[np.int64]
    plug_out_s: NDArray[np.int64]
    use_kwh: NDArray[np.float64]
    routes: NDArray[np.int64]


def find_stays(routes: Routes, start_s: int, end_s: int, connect_s: int) -> Stays:
    """Stays of a run.

    Plug-in is arrival plus ``connect_s``; plug-out the next departure or the end of the run, and
    not later than plug-in plus ``recharge_s`` where that is above 0. A vehicle none of whose routes
    has a ``recharge_s`` is plugged in from the start of the run until its first departure. Routes
    without a stay between them are driven on one charge: their energy is summed. A vehicle that is
    away at the end has a last stay of no length there, which carries the energy.

    Parameters
    ----------
    routes
        Routes that depart before ``end_s``.
    start_s, end_s
        The run [s since the epoch].
    connect_s
        From arrival to plugged in [s].
    """
    edges = np.searchsorted(routes.vehicle, np.arange(len(routes.vehicle_ids) + 1))
    depart, arrive = routes.depart_s.tolist(), routes.arrive_s.tolist()
    energy, recharge = routes.energy_kwh.tolist(), routes.recharge_s.tolist()
    found: list[tuple[int, int, int, int, int]] = []
    use_kwh: list[float] = []
    for vehicle, (begin, end) in enumerate(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)):
        if not any(recharge[begin:end]) and depart[begin] > start_s:
            found.append((vehicle, start_s, depart[begin], begin, begin))
            use_kwh.append(0.0)
        use, since = 0.0, begin
        for r in range(begin, end):
            use += energy[r]
            last = r + 1 == end
            plug_in = max(arrive[r] + connect_s, start_s)
            plug_out = end_s if last else depart[r + 1]
            if recharge[r]:
                plug_out = min(plug_out, arrive[r] + connect_s + recharge[r])
            if plug_out > plug_in or last:
                plug_in = min(plug_in, end_s)
                found.append((vehicle, plug_in, max(plug_out, plug_in), since, r + 1))
                use_kwh.append(use)
                use, since = 0.0, r + 1
    stays = np.array(found, dtype=np.int64).reshape(-1, 5)
    return Stays(stays[:, 0], stays[:, 1], stays[:, 2], np.array(use_kwh, dtype=np.float64), stays[:, 3:])
