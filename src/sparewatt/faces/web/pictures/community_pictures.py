"""The pictures of a community run, in their order."""

from __future__ import annotations

from sparewatt.faces.web.pictures.community_contracts import CONTRACTS, SCORES
from sparewatt.faces.web.pictures.community_devices import DEVICES
from sparewatt.faces.web.pictures.community_energy import ENERGY, HOUSEHOLD
from sparewatt.faces.web.pictures.community_houses import HOUSES
from sparewatt.faces.web.pictures.community_repetitions import BEST, REPETITIONS

PICTURES = (ENERGY, BEST, HOUSEHOLD, HOUSES, DEVICES, CONTRACTS, SCORES, REPETITIONS)
