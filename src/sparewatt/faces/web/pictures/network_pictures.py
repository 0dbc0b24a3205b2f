"""The pictures of a network run, in their order."""

from __future__ import annotations

from sparewatt.faces.web.pictures.network_checks import TRANSFORMER, VIOLATIONS
from sparewatt.faces.web.pictures.network_flow import CLOUD, FLOW
from sparewatt.faces.web.pictures.network_hosting import HOSTING
from sparewatt.faces.web.pictures.network_map_of_room import FAN, MAP
from sparewatt.faces.web.pictures.network_tomorrow import SCORES, TOMORROW

PICTURES = (VIOLATIONS, FLOW, FAN, MAP, CLOUD, TRANSFORMER, HOSTING, TOMORROW, SCORES)
