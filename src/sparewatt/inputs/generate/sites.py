"""Hubs as folders: a scenario file, a workbook or CSV tables, and the histograms of their visits."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Required, TypedDict, Unpack

from sparewatt.inputs.cluster.write import write_cluster_tables, write_cluster_workbook
from sparewatt.inputs.generate.hub_fleet import draw_fleet, join_fleets
from sparewatt.inputs.generate.hub_plan import ClusterPlan, DriverHabits, HubPlan
from sparewatt.inputs.generate.hub_system import make_hub_system
from sparewatt.inputs.generate.site_kinds import SITES
from sparewatt.inputs.generate.visit_histograms import visit_histograms, write_histograms

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sparewatt.inputs.generate.site_kinds import Site, SiteKind
    from sparewatt.inputs.generate.visit_bins import VisitChances
    from sparewatt.model.cluster_system import ClusterSystem
    from sparewatt.model.fleet import Fleet

TIMEZONE = "Europe/London"
SITES_FIRST_DAY = date(2026, 10, 5)  # a Monday

SITE_HABITS = DriverHabits(
    reservation_share=0.6,
    arrival_spread_min=8.0,
    departure_spread_min=10.0,
    soc_spread=0.03,
    no_show_share=0.05,
    overstay_share=0.08,
    v2g_share=0.4,
    targets_in_reach=True,
)
"""Habits of generated hubs: six in ten book ahead, some come late, never, or stay too long."""

_SCENARIO = """\
# {title}
version = 1
study = "cluster"
name = {name}
seed = {seed}

[inputs]
{inputs}

[cluster]
start = "{start} 00:00"
end = "{end} 00:00"
step = "{step}min"                       # any step from 1 s
timezone = {timezone}            # zone of times without an offset
reservation = "simple"              # none, simple, smart
control = "least_laxity_first"      # uncontrolled, first_come_first_served, earliest_deadline_first,
                                    # least_laxity_first, equal_share, milp, feasible_milp, central_milp
queue = true                        # who finds no unit waits
reroute = false                     # or tries the other clusters first
grace = "15min"                     # how long a booking is kept for a vehicle that has not come
"""


@dataclass(frozen=True)
class SiteVisits:
    """What was generated, before it is written.

    Parameters
    ----------
    system, fleet
        The hub and its visits.
    chances
        What the visits to each cluster were drawn from.
    """

    system: ClusterSystem
    fleet: Fleet
    chances: tuple[VisitChances, ...]


class SiteOptions(TypedDict, total=False):
    """What `draw_sites` may be asked."""

    seed: Required[int]
    kind: SiteKind | Sequence[SiteKind]
    clusters: int
    units: int | Sequence[int]
    visits_per_day: int | Sequence[int]
    days: int
    first_day: date
    timezone: str
    step: timedelta
    habits: DriverHabits
    chances: VisitChances | None


def draw_sites(
    *,
    seed: int,
    kind: SiteKind | Sequence[SiteKind] = ("workplace", "fast"),
    clusters: int = 2,
    units: int | Sequence[int] = (24, 8),
    visits_per_day: int | Sequence[int] = (40, 20),
    days: int = 5,
    first_day: date = SITES_FIRST_DAY,
    timezone: str = TIMEZONE,
    step: timedelta = timedelta(minutes=5),
    habits: DriverHabits = SITE_HABITS,
    chances: VisitChances | None = None,
) -> SiteVisits:
    """A hub of several clusters with the visits of some days.

    Each cluster is drawn from ``seed`` and its number alone, so more clusters leave the visits to the first
    ones as they are.

    Parameters
    ----------
    seed
        Of the random generator.
    kind
        Kind of all clusters, or several that they take in turn: ``"workplace"``, ``"fast"``,
        ``"retail"``, ``"home"``.
    clusters
        Number of clusters.
    units, visits_per_day
        Per cluster, one number or several taken in turn; visits from Monday to Friday, at weekends as
        many as the kind has.
    days
        Number of local days.
    first_day
        Local date of the first.
    timezone
        IANA name.
    step
        Length of a period, whole minutes that divide the hour.
    habits
        How drivers book, come and stay.
    chances
        Distributions of a generator workbook or of a fit, in place of those of the kinds.
    """
    kinds: Sequence[SiteKind] = (kind,) if isinstance(kind, str) else tuple(kind)
    sizes: Sequence[int] = (units,) if isinstance(units, int) else tuple(units)
    visits: Sequence[int] = (visits_per_day,) if isinstance(visits_per_day, int) else tuple(visits_per_day)
    if min(days, clusters, *sizes, *visits) < 1 or not (kinds and sizes and visits):
        raise ValueError("a hub needs at least one day, one cluster, one unit and one visit a day")
    sites = [SITES[kinds[c % len(kinds)]] for c in range(clusters)]
    plans = [_cluster(c, site, sizes[c % len(sizes)]) for c, site in enumerate(sites)]
    own = tuple(site.chances if chances is None else chances for site in sites)
    fleets = [
        draw_fleet(
            HubPlan(
                (plan,),
                first_day,
                days,
                visits[c % len(visits)],
                round(visits[c % len(visits)] * site.weekend),
                timezone,
                site.min_stay_min,
                habits,
            ),
            own[c].bins,
            own[c].models,
            seed=(seed, c),
        )
        for c, (plan, site) in enumerate(zip(plans, sites, strict=True))
    ]
    system = make_hub_system(plans, [s.limit for s in sites], first_day, days, step, timezone, seed=seed)
    return SiteVisits(system, join_fleets(fleets), own)


def generate_sites(directory: Path, *, as_tables: bool = False, **options: Unpack[SiteOptions]) -> Path:
    """Write a hub: ``scenario.toml``, ``hub.xlsx`` (or ``tables/``) and ``histograms.csv``.

    The same options give the same bytes.

    Parameters
    ----------
    directory
        Folder; made where it is not there, files in it are replaced.
    as_tables
        Whether to write CSV files, which hold more than a workbook's million rows.
    options
        As of `draw_sites`.

    Returns
    -------
    The scenario file.
    """
    drawn, seed = draw_sites(**options), options["seed"]
    count = len(drawn.system.cluster_ids)
    title = f"A generated hub: {len(drawn.fleet)} visits to {count} clusters, drawn from seed {seed}."
    return write_site(directory, drawn, title=title, name="Generated hub", seed=seed, as_tables=as_tables)


def write_site(
    directory: Path, drawn: SiteVisits, *, title: str, name: str, seed: int, as_tables: bool = False
) -> Path:
    """Write a drawn hub as a folder that runs; returns the scenario file."""
    directory.mkdir(parents=True, exist_ok=True)
    if as_tables:
        write_cluster_tables(directory / "tables", drawn.system, drawn.fleet)
    else:
        write_cluster_workbook(directory / "hub.xlsx", drawn.system, drawn.fleet)
    horizon = drawn.system.horizon
    groups = {
        cluster: visit_histograms(drawn.fleet, horizon.timezone, chances, target_cluster=row)
        for row, (cluster, chances) in enumerate(zip(drawn.system.cluster_ids, drawn.chances, strict=True))
    }
    write_histograms(directory / "histograms.csv", groups)
    path = directory / "scenario.toml"
    text = _SCENARIO.format(
        title=title,
        name=json.dumps(name),
        seed=seed,
        inputs='tables = "tables/"' if as_tables else 'workbook = "hub.xlsx"',
        start=horizon.local(0).date(),
        end=horizon.local(horizon.periods).date(),
        step=horizon.step // timedelta(minutes=1),
        timezone=json.dumps(horizon.timezone),
    )
    path.write_bytes(text.encode())
    return path


def _cluster(row: int, site: Site, units: int) -> ClusterPlan:
    """Cluster ``row`` of a kind."""
    return ClusterPlan(
        f"cluster{row + 1}",
        units,
        site.charge_kw,
        site.discharge_kw,
        site.efficiency,
        fast=site.fast,
    )
