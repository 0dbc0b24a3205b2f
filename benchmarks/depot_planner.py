"""One planning day: our planner against the per-period CVXPY model with HiGHS and with GLPK, same windows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from benchmarks.cvxpy_depot import DELIVERED, PeerProcess
from benchmarks.windows import Window, find_windows, plan_timed, warm_up

from sparewatt.decide.optimise.depot_days import DEFAULT_GAP
from sparewatt.decide.optimise.depot_ranks import Ranks
from sparewatt.decide.optimise.depot_result import missing_energy
from sparewatt.model.schedule import DC

if TYPE_CHECKING:
    from benchmarks.cvxpy_depot import Form, SolverName
    from numpy.typing import NDArray

    from sparewatt.decide.optimise.depot_problem import ChargingProblem
    from sparewatt.inputs.generate.fleet_kinds import Kind

NAME = "depot_planner"
SUMMARY = "A depot's day: ours against the original per-period model in CVXPY with HiGHS and GLPK"

FLEETS: tuple[Kind, ...] = ("vans", "tight_vans", "hgv")
DAYS = {20: 3, 100: 3, 500: 1}
LIMIT_S = 120.0
QUICK_LIMIT_S = 10.0
REPEATS = 3
FINE_GAP = 1e-6
ENERGY_KWH = 1e-3
COST = 1e-6
# HiGHS at its own gap, 1e-4 of the whole sum, knows nothing of the cost; the second is as fine as ours.
ASKED_RATIO = {"HiGHS": 10.0, "GLPK": 50.0}


NOTES = """
CPU seconds of one thread (HiGHS threads=1 in both). 'total' of a peer: building the CVXPY problem,
its canonicalisation, the solver and reading back, without imports and the start of its process;
'solver': the call of the solver alone. Ours: the whole of plan_window, median of 3 (one above 1 s),
kernels warm. All have the same limit of wall time.

'ours' stops at a gap of 2e-4 of the cost, 'ours fine' at 1e-6. HiGHS and GLPK stop at their own gap
of the original's one sum (1e-4 and 0), 'HiGHS fine' where it means 2e-4 of the cost. 'original': one
binary per vehicle and period, as the original has it. '>': stopped by the limit, so time and ratio
are lower bounds.

Ranks are worked out anew from each plan's energies: unserved (/ efficiency), breach, delivered [kWh],
cost; equal within 1e-3 kWh and 1e-6 of the cost. Other work on the machine moves CPU times by some
10-30 % (shared caches and memory), and leaves GLPK less CPU time than its limit.
"""


@dataclass(frozen=True)
class Peer:
    """One way to solve with CVXPY.

    Parameters
    ----------
    name
        As printed.
    solver, form
        See ``PeerProcess.solve``.
    fine
        Whether to ask for a gap that means ``DEFAULT_GAP`` of the cost; otherwise the solver's own.
    most_vehicles, days
        Where it is run.
    """

    name: str
    solver: SolverName
    form: Form = "session"
    fine: bool = False
    most_vehicles: int = 500
    days: int = 3


PEERS = (
    Peer("HiGHS", "HIGHS"),
    Peer("HiGHS fine", "HIGHS", fine=True),
    Peer("GLPK", "GLPK_MI"),
    Peer("HiGHS original", "HIGHS", form="period", most_vehicles=100, days=1),
    Peer("GLPK original", "GLPK_MI", form="period", most_vehicles=100, days=1),
)


@dataclass(frozen=True)
class Line:
    """One solve in the table."""

    window: Window
    name: str
    cpu_s: float
    solver_s: float
    finished: bool
    ranks: Ranks | None
    proven: float | None = None
    broken: float = 0.0


def ranks_of(p: ChargingProblem, energy: NDArray[np.float64]) -> Ranks:
    """Value of given energies, worked out anew in our units, whoever decided them."""
    per_period = np.bincount(p.period, weights=energy, minlength=p.periods)
    return Ranks(
        float(missing_energy(p, energy).sum()),
        float(np.maximum(0.0, per_period - p.free_kwh).sum()),
        float(energy.sum()),
        float(per_period @ p.price),
        float(per_period @ p.earliness),
    )


def broken_by(p: ChargingProblem, energy: NDArray[np.float64], on_dc: NDArray[np.bool_]) -> float:
    """By how much a plan breaks the physics at worst: rates, DC chargers, battery, site [kWh or chargers]."""
    on = on_dc | (p.held == DC)
    rate = np.where(on[p.session], p.dc_kwh, p.ac_kwh)
    in_use = np.bincount(p.period, weights=on[p.session], minlength=p.periods)
    per_period = np.bincount(p.period, weights=energy, minlength=p.periods)
    charged = np.cumsum(p.sum_by_session(energy))
    begin = np.maximum.accumulate(np.where(p.is_first, np.arange(p.sessions), 0))
    before = charged[begin] - p.sum_by_session(energy)[begin]
    unserved = np.cumsum(missing_energy(p, energy))
    missed = unserved - unserved[begin] + missing_energy(p, energy)[begin]
    return float(
        max(
            (energy - rate).max(initial=0.0),
            -energy.min(initial=0.0),
            (in_use - p.num_dc).max(initial=0.0),
            (per_period - p.free_kwh - p.breach_kwh).max(initial=0.0),
            (charged - before - (p.taken - missed)).max(initial=0.0),
        )
    )


def first_difference(mine: Ranks, theirs: Ranks) -> tuple[str, float]:
    """First rank that differs and by how much ours is worse (< 0: better); cost relative."""
    for name, worse in (
        ("unserved", mine.unserved - theirs.unserved),
        ("breach", mine.breach - theirs.breach),
        ("delivered", theirs.delivered - mine.delivered),
    ):
        if abs(worse) > ENERGY_KWH:
            return name, worse
    over = (mine.cost - theirs.cost) / max(abs(theirs.cost), 1e-9)
    return ("cost", over) if abs(over) > COST else ("equal", 0.0)


def in_words(mine: Line, theirs: Line) -> str:
    """What the ranks say about ours against a peer's."""
    if theirs.ranks is None or mine.ranks is None:
        return "ours better: peer found no plan in its time"
    rank, worse = first_difference(mine.ranks, theirs.ranks)
    if rank == "equal":
        return "equal"
    amount = f"{100 * abs(worse):.4f} % of cost" if rank == "cost" else f"{abs(worse):.3f} kWh {rank}"
    if worse < 0:
        return f"ours better by {amount}"
    why = ""
    if theirs.broken > ENERGY_KWH:
        why = f"; peer breaks the physics by {theirs.broken:.4f}"
    elif mine.proven is not None and rank == "cost" and worse <= mine.proven + COST:
        why = f"; within the proven gap of {mine.proven:.1e} at which it stopped"
    return f"OURS WORSE by {amount}{why}"


def solve_ours(window: Window, gap: float, name: str, repeats: int, limit_s: float) -> Line:
    """Our plan of a window as a line."""
    plan, cpu_s = plan_timed(window.problem, gap, repeats, limit_s)
    ranks = ranks_of(window.problem, plan.energy)
    broken = broken_by(window.problem, plan.energy, plan.charger == DC)
    return Line(window, name, cpu_s, cpu_s, not plan.timed_out, ranks, plan.gap, broken)


def solve_peer(process: PeerProcess, window: Window, peer: Peer, limit_s: float, mine: Ranks) -> Line:
    """A peer's plan of a window as a line."""
    p = window.problem
    gap = max(DEFAULT_GAP * mine.cost / (DELIVERED * max(mine.delivered, 1.0)), 1e-12) if peer.fine else None
    plan = process.solve(p, peer.solver, limit_s=limit_s, gap=gap, form=peer.form)
    if plan.energy is None or plan.on_dc is None:
        return Line(window, peer.name, plan.cpu_s, plan.solver_s, finished=False, ranks=None)
    ranks, broken = ranks_of(p, plan.energy), broken_by(p, plan.energy, plan.on_dc)
    return Line(window, peer.name, plan.cpu_s, plan.solver_s, plan.finished, ranks, None, broken)


def print_line(line: Line, ours: Line) -> None:
    """One row of the table."""
    w, r = line.window, line.ranks
    values = " " * 46 if r is None else f"{r.unserved:9.3f}{r.breach:9.3f}{r.delivered:13.3f}{r.cost:15.6f}"
    sign = " " if line.finished else ">"
    bound = "<" if line.finished and not ours.finished else sign
    ratio = "" if line.proven is not None else f"{bound}{line.cpu_s / ours.cpu_s:.1f}"
    words = f"proven gap {line.proven:.1e}" if line.proven is not None else in_words(ours, line)
    if line.broken > 1e-6:
        words += f" (breaks physics by {line.broken:.1e})"
    print(
        f"{w.kind:<11}{w.vehicles:>4}{w.day:>4}  {line.name:<15}{sign}{line.cpu_s:8.3f}{line.solver_s:9.3f}"
        f"{ratio:>9}{values}  {words}",
        flush=True,
    )


def print_head() -> None:
    """What the columns are, and what could disturb them."""
    print(__doc__)
    print(NOTES)
    print(
        f"{'fleet':<11}{'n':>4}{'day':>4}  {'who':<15}{'total':>9}{'solver':>9}{'ratio':>9}{'unserved':>9}"
        f"{'breach':>9}{'delivered':>13}{'cost':>15}  ours against it"
    )


def print_summary(lines: list[Line]) -> None:
    """Ratios per fleet size and peer, and every case in which ours is worse."""
    ours = {id(x.window): x for x in lines if x.name == "ours"}
    print(f"\n{'ratio of CPU time, sum over days':<34}" + "".join(f"{p.name:>17}" for p in PEERS))
    groups = sorted({(FLEETS.index(x.window.kind), x.window.kind, x.window.vehicles) for x in lines})
    for _, kind, vehicles in groups:
        row = f"{kind} {vehicles}"
        text = f"{row:<34}"
        for peer in PEERS:
            of = [
                x for x in lines if (x.window.kind, x.window.vehicles, x.name) == (kind, vehicles, peer.name)
            ]
            if not of:
                text += f"{'-':>17}"
                continue
            ratio = sum(x.cpu_s for x in of) / sum(ours[id(x.window)].cpu_s for x in of)
            text += f"{'' if all(x.finished for x in of) else '>'}{ratio:.1f}".rjust(17)
        print(text)
    for name in ("ours", "ours fine"):
        mine = {id(x.window): x for x in lines if x.name == name}
        peers = [x for x in lines if x.proven is None]
        worse = [x for x in peers if in_words(mine[id(x.window)], x).startswith("OURS WORSE")]
        better = [x for x in peers if in_words(mine[id(x.window)], x).startswith("ours better")]
        print(
            f"\n{name}: better in {len(better)}, worse in {len(worse)} of {len(peers)} comparisons of ranks"
        )
        for x in worse:
            w = x.window
            print(f"  {w.kind} {w.vehicles} day {w.day}, {x.name}: {in_words(mine[id(w)], x)}")
    print()
    for kind in FLEETS:
        for who, asked in ASKED_RATIO.items():
            of = [x for x in lines if x.name == who and (x.window.kind, x.window.vehicles) == (kind, 100)]
            if of:
                ratio = sum(x.cpu_s for x in of) / sum(ours[id(x.window)].cpu_s for x in of)
                verdict = "reached" if ratio >= asked else "MISSED"
                print(f"100 {kind}: {ratio:.1f} x CVXPY + {who}, target {asked:g} x: {verdict}")


def solve_all(process: PeerProcess, window: Window, peers: list[Peer], limit_s: float) -> list[Line]:
    """Ours and its peers on one window, printed as they come."""
    ours = solve_ours(window, DEFAULT_GAP, "ours", REPEATS, limit_s)
    print_line(ours, ours)
    lines = [ours, solve_ours(window, FINE_GAP, "ours fine", 1, limit_s)]
    print_line(lines[-1], ours)
    assert ours.ranks is not None
    for peer in peers:
        lines.append(solve_peer(process, window, peer, limit_s, ours.ranks))
        print_line(lines[-1], ours)
    return lines


def main(quick: bool = False) -> None:  # noqa: FBT001, FBT002 - the common face of benchmarks
    """Print the table.

    Parameters
    ----------
    quick
        20 vehicles and one day per fleet, to see that it works.
    """
    print_head()
    warm_up()
    lines: list[Line] = []
    with PeerProcess() as process:
        for vehicles, days in ({20: 1} if quick else DAYS).items():
            for kind in FLEETS:
                for k, window in enumerate(find_windows(kind, vehicles, days)):
                    peers = [p for p in PEERS if vehicles <= p.most_vehicles and k < p.days]
                    lines += solve_all(process, window, peers, QUICK_LIMIT_S if quick else LIMIT_S)
    print_summary(lines)


if __name__ == "__main__":
    main()
