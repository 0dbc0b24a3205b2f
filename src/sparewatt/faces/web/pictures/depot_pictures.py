"""The pictures of a depot run, in their order."""

from __future__ import annotations

from sparewatt.faces.web.pictures.depot_days import ALLOCATIONS, DAYS, PROFILE
from sparewatt.faces.web.pictures.depot_fleet import FAN, HEAT_MAP, VEHICLE
from sparewatt.faces.web.pictures.depot_site import SITE
from sparewatt.faces.web.pictures.depot_stays import STAYS

PICTURES = (SITE, DAYS, HEAT_MAP, STAYS, FAN, VEHICLE, PROFILE, ALLOCATIONS)
