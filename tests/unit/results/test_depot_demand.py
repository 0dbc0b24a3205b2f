import numpy as np
import pytest

from sparewatt.results.depot_demand import _without_rounding


def test_a_state_of_charge_beyond_its_ends_by_rounding_is_at_its_end():
    soc = np.array([1.0000000000000004, -2.2e-16, 0.5, 1.0])
    assert _without_rounding(soc).tolist() == [1.0, 0.0, 0.5, 1.0]


@pytest.mark.parametrize("wrong", [1.001, 1.0 + 1e-9, -1e-9])
def test_a_real_miss_stays_to_be_seen(wrong):
    assert _without_rounding(np.array([wrong])).tolist() == [wrong]
