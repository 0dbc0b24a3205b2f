"""The pictures of a depot run, in their order."""

from __future__ import annotations

from sparewatt.faces.web.pictures.depot_days import DAYS, PROFILE
from sparewatt.faces.web.pictures.depot_fleet import FAN, HEAT_MAP
from sparewatt.faces.web.pictures.depot_site import SITE
from sparewatt.faces.web.pictures.depot_smart import SMART
from sparewatt.faces.web.pictures.depot_stays import STAYS
from sparewatt.faces.web.pictures.depot_totals import ALLOCATIONS
from sparewatt.faces.web.pictures.depot_vehicle import VEHICLE

PICTURES = (SITE, SMART, DAYS, HEAT_MAP, STAYS, FAN, VEHICLE, PROFILE, ALLOCATIONS)
