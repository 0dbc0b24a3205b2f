"""What another study needs of a zone's limit: lines of its scenario file, and the limit as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import dash_mantine_components as dmc
from dash import html

from sparewatt.results.network_series import HEADROOM

if TYPE_CHECKING:
    from sparewatt.faces.web.page import Component
    from sparewatt.model.horizon import Horizon


def zone_limit(run_id: int, zone: str, horizon: Horizon) -> Component:
    """How another study takes the limit of the zone, and the limit as a file."""
    name = zone.replace("\\", "\\\\").replace('"', '\\"')
    source = f'{{ run = "{run_id}", zone = "{name}" }}'
    first, last = horizon.local(0), horizon.local(horizon.periods - 1)
    asked = urlencode({"name": HEADROOM, "zone": zone})
    return dmc.Stack(
        [
            dmc.Title("Use this limit", order=3, size="h6"),
            dmc.Text(
                "A depot or a charging hub stays inside what this zone can take when its scenario file says "
                "so, or its form under Limits. Its days must lie in "
                f"{first:%-d %b} to {last:%-d %b %Y}.",
                size="sm",
                className="quiet",
            ),
            _scenario_lines("A depot: site_ and the id of your site", f"[limits]\nsite_1 = {source}"),
            _scenario_lines(
                "A charging hub: cluster_ and the name of your cluster",
                f"[limits]\ncluster_cluster1 = {source}",
            ),
            dmc.Group(
                [
                    html.A(
                        "This zone's limit (CSV)", href=f"/api/runs/{run_id}/limits/csv?{asked}", download=""
                    ),
                    html.A("All zones (CSV)", href=f"/api/runs/{run_id}/tables/offers/csv", download=""),
                ],
                gap="md",
            ),
            dmc.Text(
                "Bounds in kW for every period: the headroom above, the footroom below, at the power factor "
                "of EVs; times in UTC.",
                size="xs",
                className="quiet",
            ),
        ],
        gap=6,
    )


def _scenario_lines(words: str, text: str) -> Component:
    """Lines of a scenario file, to be copied."""
    return dmc.Stack(
        [
            dmc.Text(words, size="sm"),
            dmc.Group(
                [
                    html.Pre(text, className="net-lines"),
                    dmc.CopyButton(
                        value=text,
                        children="Copy",
                        copiedChildren="Copied",
                        size="compact-sm",
                        variant="default",
                        copiedColor="teal",
                    ),
                ],
                align="start",
                wrap="nowrap",
                gap="xs",
            ),
        ],
        gap=2,
    )
