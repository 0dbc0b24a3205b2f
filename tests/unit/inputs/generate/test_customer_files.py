"""Files of generated customers: what a planner knows of a hundred homes, read back as a study reads them."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from sparewatt.inputs.generate.customer_files import NAMES, write_customer_files
from sparewatt.inputs.profiles.meter_form import MeterForm
from sparewatt.inputs.profiles.metered import read_metered
from sparewatt.model.customers import Customers
from sparewatt.model.horizon import Horizon

FIRST, TEN = date(2025, 12, 1), timedelta(minutes=10)
CASE = Path(__file__).resolve().parents[3] / "cases" / "network" / "pandapower_little" / "network.json"


def write(out, *, seed=4, customers=100, master=None, days=90, step=TEN):
    return write_customer_files(
        out, seed=seed, customers=customers, master=master, first=FIRST, days=days, step=step,
        timezone="Europe/London",
    )  # fmt: skip


@pytest.fixture(scope="module")
def winter(tmp_path_factory):
    folder = tmp_path_factory.mktemp("winter")
    files, findings = write(folder)
    assert findings == ()
    assert [f.name for f in files] == [*NAMES, "customers.csv"]
    return folder


def values(path):
    table = pq.read_table(path)
    return np.array([table[n].to_numpy() for n in table.schema.names[1:]])


def test_a_winter_of_a_hundred_homes_peaks_as_planners_reckon(winter):
    demand = values(winter / "demand.parquet")
    assert demand.shape == (100, 90 * 144)
    assert 1.5 < demand.mean(axis=0).max() < 2.0  # kW per home after diversity
    peaks = demand.max(axis=1)
    assert 5 < np.median(peaks) < 10
    assert np.mean((peaks >= 5) & (peaks <= 10)) > 0.6
    assert values(winter / "pv.parquet").max() < 1.0


def test_a_study_reads_them_back(winter):
    rows = np.arange(100, dtype=np.int64)
    ids = tuple(f"load_{n + 1}" for n in range(100))
    people = Customers(ids, rows, rows * 0, rows * 0, np.full(100, 3.0))
    horizon = Horizon.of_days(date(2026, 1, 12), 7, step=TEN, timezone="Europe/London")
    for name, kind in zip(NAMES, ("demand", "heat_pump", "pv"), strict=True):
        power, findings = read_metered(
            winter / name, people, horizon, kind=kind, form=MeterForm(unit="kW", match="by_id")
        )
        assert findings == ()
        first = 42 * 144  # 12 January is the 43rd day
        expected = values(winter / name)[:, first : first + 7 * 144]
        np.testing.assert_allclose(power.power_kw(0, 7 * 144), expected, rtol=1e-12)


def test_customers_are_the_loads_of_a_network_also_of_pandapower(tmp_path):
    write(tmp_path, master=CASE, days=1, step=timedelta(hours=1))
    assert pq.read_schema(tmp_path / "demand.parquet").names == ["time", "L4", "L1", "L2_b", "L2_c", "L3"]


def test_same_seed_same_bytes_and_a_bad_network_writes_nothing(tmp_path):
    for name in ("a", "b"):
        write(tmp_path / name, customers=5, days=2)
    write(tmp_path / "c", customers=5, days=2, seed=5)
    for name in (*NAMES, "customers.csv"):
        a, b, c = ((tmp_path / f / name).read_bytes() for f in "abc")
        assert a == b
        assert a != c
    files, findings = write(tmp_path / "none", master=tmp_path / "nowhere")
    assert files == ()
    assert [f.rule for f in findings] == ["network.file.missing"]
    assert not (tmp_path / "none").exists()
