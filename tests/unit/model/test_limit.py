"""Limits combine by intersection."""

from __future__ import annotations

import numpy as np

from sparewatt.model.limit import Limit


def test_both_limits_at_once():
    site = Limit(np.array([-5.0, 0.0]), np.array([10.0, 20.0]), "site")
    zone = Limit(np.array([-9.0, 2.0]), np.array([15.0, 5.0]), "zone")
    both = site & zone
    assert both.lower_kw.tolist() == [-5, 2]
    assert both.upper_kw.tolist() == [10, 5]
    assert both.reason == "site; zone"
