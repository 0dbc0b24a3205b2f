"""The pictures of one simulated hub, in the order of its report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.results.figures.cluster_days import cluster_days_picture
from sparewatt.results.figures.cluster_load import cluster_load_picture
from sparewatt.results.figures.cluster_soc import cluster_soc_picture
from sparewatt.results.figures.cluster_window import WHOLE_H, find_window
from sparewatt.results.figures.occupation import occupation_picture

if TYPE_CHECKING:
    from sparewatt.results.cluster_view import ClusterView
    from sparewatt.results.figures.picture import Picture


def cluster_pictures(view: ClusterView) -> tuple[str, tuple[Picture, ...]]:
    """Why the shown part of a long run was chosen (empty where all is shown), and the pictures."""
    h = view.horizon
    window = find_window(view)
    lo, hi = window.lo, window.hi
    pictures = [
        cluster_load_picture(view, lo, hi, "load"),
        occupation_picture(view, lo, hi, "occupation"),
        cluster_soc_picture(view, lo, hi, "soc"),
    ]
    if h.periods * h.step_h > WHOLE_H:
        pictures.append(cluster_days_picture(view, "days"))
    return window.reason, tuple(pictures)
