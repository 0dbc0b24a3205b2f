"""The pictures of a hub, in their order."""

from __future__ import annotations

from sparewatt.faces.web.pictures.cluster_load import LOAD
from sparewatt.faces.web.pictures.cluster_soc import STATE_OF_CHARGE
from sparewatt.faces.web.pictures.cluster_units import UNITS
from sparewatt.faces.web.pictures.cluster_vehicle import VEHICLE
from sparewatt.faces.web.pictures.cluster_visits import FATES, HISTOGRAM, PRESENCE

PICTURES = (LOAD, UNITS, STATE_OF_CHARGE, VEHICLE, PRESENCE, FATES, HISTOGRAM)
