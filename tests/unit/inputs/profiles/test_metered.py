"""Metered profiles: forms of files, clock changes, energy, and everything that can be wrong with them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.support.customers import LONDON, make_customers, make_horizon, utc_stamps

from sparewatt.inputs.profiles.meter_form import MeterForm, kw_per, unit_in
from sparewatt.inputs.profiles.metered import mean_power, read_metered
from sparewatt.inputs.profiles.read import ProfileFiles, read_profiles
from sparewatt.inputs.profiles.temperature_file import read_temperature

START = datetime(2026, 3, 27, tzinfo=UTC)
HORIZON = make_horizon(date(2026, 3, 28), 3)  # the clock goes forward on the 29th: 47 hours and a day
HOMES = make_customers(2)
KWH = MeterForm(unit="kWh")


def write_wide(path, stamps, columns):
    lines = [f"time,{','.join(columns)}"]
    lines += [f"{s},{','.join(str(v[k]) for v in columns.values())}" for k, s in enumerate(stamps)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def local_text(stamp):
    return stamp.astimezone(ZoneInfo(LONDON)).replace(tzinfo=None).isoformat(" ", "minutes")


def rules(findings):
    return [f.rule.removeprefix("network.profiles.") for f in findings]


@pytest.fixture
def series():
    stamps = utc_stamps(START, 48 * 5)
    values = {"home 0": np.arange(240) / 100, "home 1": np.full(240, 0.2)}
    return stamps, values


def test_half_hourly_energy_becomes_power_of_ten_minutes(tmp_path, series):
    stamps, values = series
    path = write_wide(tmp_path / "m.csv", [s.isoformat() for s in stamps], values)
    power, findings = read_metered(path, HOMES, HORIZON, form=KWH)
    assert findings == ()
    kw = power.power_kw(0, HORIZON.periods)
    assert kw.shape == (2, 71 * 6)
    assert kw[0, :7] == pytest.approx([0.96, 0.96, 0.96, 0.98, 0.98, 0.98, 1.0])  # 0.48 kWh per half-hour, …
    assert kw.sum(axis=1) / 6 == pytest.approx([values["home 0"][48 : 48 + 142].sum(), 142 * 0.2])


@pytest.mark.parametrize("first", [datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 10, 24, tzinfo=UTC)])
def test_local_stamps_across_a_clock_change_are_those_in_utc(tmp_path, first):
    stamps = utc_stamps(first - timedelta(days=1), 48 * 4)
    values = {"home 0": np.arange(192) / 1000, "home 1": np.arange(192) / 7000}
    horizon = make_horizon(first.date(), 2)
    utc = write_wide(tmp_path / "utc.csv", [s.isoformat() for s in stamps], values)
    local = write_wide(tmp_path / "local.csv", [local_text(s) for s in stamps], values)
    expected, _ = read_metered(utc, HOMES, horizon, form=KWH)
    got, findings = read_metered(local, HOMES, horizon, form=KWH)
    assert findings == ()
    assert (got.power_kw(0, horizon.periods) == expected.power_kw(0, horizon.periods)).all()


def test_a_reading_that_the_clock_skips(tmp_path):
    stamps = [f"2026-03-{d} {h:02d}:00" for d in (28, 29, 30) for h in range(24)]
    path = write_wide(tmp_path / "m.csv", stamps, {"home 0": np.ones(72), "home 1": np.ones(72)})
    power, findings = read_metered(path, HOMES, HORIZON, form=KWH)
    assert power is None
    (finding,) = findings
    assert finding.rule == "network.profiles.clock"
    assert finding.where == "m.csv row 27"  # header, 24 rows of the 28th, 0:00, and it
    assert "2026-03-29 01:00 does not exist" in finding.message


def test_long_files_of_every_make(tmp_path, series):
    stamps, values = series
    wide = write_wide(tmp_path / "w.csv", [s.isoformat() for s in stamps], values)
    expected = read_metered(wide, HOMES, HORIZON, form=KWH)[0].power_kw(0, 426)
    rows = [(s, i, v[k]) for i, v in values.items() for k, s in enumerate(stamps)]
    np.random.default_rng(0).shuffle(rows)
    text = "LCLid;tstp;energy (Wh)\n" + "".join(f"{i};{s:%Y-%m-%d %H:%M}Z;{1000 * v}\n" for s, i, v in rows)
    csv = tmp_path / "long.csv"
    csv.write_text("\ufeff" + text, encoding="utf-8")
    parquet = tmp_path / "long.parquet"
    table = {"customer": [r[1] for r in rows], "time": [r[0] for r in rows], "kw": [2 * r[2] for r in rows]}
    pq.write_table(pa.table(table), parquet)
    for path in (csv, parquet):
        power, findings = read_metered(path, HOMES, HORIZON)
        assert findings == (), path
        assert power.power_kw(0, 426) == pytest.approx(expected, rel=1e-12)


def test_stamps_at_the_end_of_their_interval(tmp_path, series):
    stamps, values = series
    path = write_wide(
        tmp_path / "m.csv", [s.isoformat() for s in stamps[1:]], {k: v[:-1] for k, v in values.items()}
    )
    power, _ = read_metered(path, HOMES, HORIZON, form=MeterForm(unit="kWh", stamps="end"))
    assert power.power_kw(0, 1)[0, 0] == pytest.approx(0.96)


def test_gaps_say_where_and_how_long_and_whose(tmp_path, series):
    stamps, values = series
    some = {"home 0": values["home 0"].astype(object), "home 1": values["home 1"]}
    some["home 0"][100] = ""
    keep = [k for k in range(240) if k not in {60, 61, 62}]
    path = write_wide(
        tmp_path / "m.csv", [stamps[k].isoformat() for k in keep], {n: v[keep] for n, v in some.items()}
    )
    power, findings = read_metered(path, HOMES, HORIZON, form=KWH)
    assert power is None
    both, one = findings
    assert both.ids == ("home 0", "home 1")
    assert both.message == (
        "3 values of 2 columns (home 0, home 1) are missing, 1.5 h from 2026-03-28 06:00+00:00 to "
        "2026-03-28 07:30+00:00"
    )
    assert both.margin == -1.5
    assert one.ids == ("home 0",)
    assert both.where == "m.csv after row 61"
    assert one.where == "m.csv row 99, column home 0"
    assert one.message.startswith("1 value of home 0 is missing, 0.5 h from 2026-03-29 03:00+01:00")


def test_a_file_that_ends_too_early_and_one_of_other_days(tmp_path, series):
    stamps, values = series
    path = write_wide(
        tmp_path / "m.csv", [s.isoformat() for s in stamps[:150]], {k: v[:150] for k, v in values.items()}
    )
    findings = read_metered(path, HOMES, HORIZON, form=KWH)[1]
    assert rules(findings) == ["gap"]
    assert "from 2026-03-30 04:00+01:00 to 2026-03-31 00:00+01:00" in findings[0].message
    findings = read_metered(path, HOMES, make_horizon(date(2027, 1, 1), 1), form=KWH)[1]
    assert rules(findings) == ["days"]


def test_stamps_that_stand_twice_name_both_rows(tmp_path, series):
    stamps, values = series
    again = [*stamps[:61], stamps[60], *stamps[61:]]
    more = {n: np.insert(v, 61, 9.0) for n, v in values.items()}
    path = write_wide(tmp_path / "m.csv", [s.isoformat() for s in again], more)
    power, (finding,) = read_metered(path, HOMES, HORIZON, form=KWH)
    assert power is None
    assert finding.rule == "network.profiles.twice"
    assert finding.where == "m.csv row 63"
    assert "stands in row 62 already" in finding.message


def test_axes_that_differ(tmp_path, series):
    stamps, values = series
    text = "time,customer,kWh\n"
    text += "".join(f"{s.isoformat()},home 0,{v}\n" for s, v in zip(stamps, values["home 0"], strict=True))
    hourly = text + "".join(f"{s.isoformat()},home 1,0.4\n" for s in stamps[::2])
    (tmp_path / "hourly.csv").write_text(hourly, encoding="utf-8")
    (finding,) = read_metered(tmp_path / "hourly.csv", HOMES, HORIZON)[1]
    assert finding.rule == "network.profiles.axis"
    assert finding.message == "home 1 comes every 60 min, most others every 30 min"
    shifted = text + "".join(f"{s.replace(minute=s.minute + 7).isoformat()},home 1,0.2\n" for s in stamps)
    (tmp_path / "shifted.csv").write_text(shifted, encoding="utf-8")
    findings = read_metered(tmp_path / "shifted.csv", HOMES, HORIZON)[1]
    assert "axis" in rules(findings)
    assert any(f.ids == ("home 1",) and "not on the axis" in f.message for f in findings), findings


def test_negative_demand_unknown_and_lacking_customers_all_at_once(tmp_path, series):
    stamps, values = series
    columns = {"hone 0": values["home 0"], "home 1": values["home 1"] - 0.5}
    path = write_wide(tmp_path / "m.csv", [s.isoformat() for s in stamps], columns)
    power, findings = read_metered(path, HOMES, HORIZON, form=KWH)
    assert power is None
    assert rules(findings) == ["customer", "negative", "customer"]
    assert [f.severity for f in findings] == ["error", "error", "warning"]
    assert findings[0].ids == ("home 0",)
    assert "is home 0 meant?" in findings[2].message


def test_unit_that_is_not_said_or_doubtful(tmp_path, series):
    stamps, values = series
    wh = {n: 1000 * v + 1 for n, v in values.items()}
    path = write_wide(tmp_path / "m.csv", [s.isoformat() for s in stamps], wh)
    assert rules(read_metered(path, HOMES, HORIZON)[1]) == ["unit"]
    power, (finding,) = read_metered(path, HOMES, HORIZON, form=KWH)
    assert power is not None
    assert finding.rule == "network.profiles.doubt"
    assert finding.severity == "warning"
    assert "Wh" in finding.remedy
    assert read_metered(path, HOMES, HORIZON, form=MeterForm(unit="Wh"))[1] == ()
    small = {n: v / 1000 + 1e-6 for n, v in values.items()}
    path = write_wide(tmp_path / "l.csv", [s.isoformat() for s in stamps], small)
    low, (finding,) = read_metered(path, HOMES, HORIZON, form=MeterForm(unit="kW"))
    assert finding.rule == "network.profiles.doubt"
    assert low is not None


ROW = "m.csv row 3, column home 1"


@pytest.mark.parametrize(
    ("text", "rule", "where"),
    [
        ("", "file", "m.csv row 1"),
        ("time,home 0\n", "file", "m.csv row 1"),
        ("time\n2026-03-28\n", "file", "m.csv row 1"),
        ("time,home 0,home 0\n2026-03-28 00:00,1,2\n", "column", "m.csv row 1"),
        ("time,home 0,home 1\n2026-03-28 00:00,1,2\n2026-03-28 00:30,1\n", "ragged", "m.csv row 3"),
        ("time,home 0,home 1\n2026-03-28 00:00,1,2\n2026-03-28 00:30,1,a few\n", "number", ROW),
        ("time,home 0,home 1\n2026-03-28 00:00,1,2\n28.03.2026 00:30,1,2\n", "stamp", "m.csv row 3"),
        ("time,home 0,home 1\n2026-03-28 00:00,1,2\n,1,2\n", "stamp", "m.csv row 3"),
        ("time,home 0,home 1\n2026-03-28 00:00,1,2\n", "stamp", "m.csv"),
        ("time,customer,note,other\n2026-03-28 00:00,home 0,1,2\n", "column", "m.csv row 1"),
        ("time,home 0,home 1\n2026-03-20 00:00,1,2\n2026-03-28 00:30,1,2\n", "axis", "m.csv"),
    ],
)  # fmt: skip
def test_broken_files(tmp_path, text, rule, where):
    path = tmp_path / "m.csv"
    path.write_text(text, encoding="utf-8")
    power, findings = read_metered(path, HOMES, HORIZON, form=KWH)
    assert power is None
    assert (f"network.profiles.{rule}", where) in [(f.rule, f.where) for f in findings]


def test_files_that_are_none(tmp_path):
    (tmp_path / "m.csv").write_bytes(b"time,home 0\n2026-03-28 00:00,\xff\xfe\n")
    (tmp_path / "m.parquet").write_bytes(b"PAR1 not really")
    (tmp_path / "folder.csv").mkdir()
    for name in ("m.csv", "m.parquet", "absent.csv", "absent.parquet", "folder.csv"):
        power, findings = read_metered(tmp_path / name, HOMES, HORIZON, form=KWH)
        assert power is None, name
        assert all(f.rule.startswith("network.profiles.") for f in findings)
        assert str(tmp_path) not in " ".join(map(str, findings)), name
    words = pa.table({"time": [START], "home 0": ["x"], "home 1": [1.0]})
    pq.write_table(words, tmp_path / "w.parquet")
    assert rules(read_metered(tmp_path / "w.parquet", HOMES, HORIZON, form=KWH)[1]) == ["number"]


def test_times_of_other_millennia_and_categories(tmp_path, series):
    stamps, values = series
    far = pa.array([10**15, 2 * 10**15], pa.int64()).cast(pa.timestamp("s"))
    pq.write_table(
        pa.table({"time": far, "home 0": [1.0, 1.0], "home 1": [1.0, 1.0]}), tmp_path / "far.parquet"
    )
    assert rules(read_metered(tmp_path / "far.parquet", HOMES, HORIZON, form=KWH)[1]) == ["stamp"]
    text = pa.array([s.isoformat() for s in stamps]).dictionary_encode()
    pq.write_table(pa.table({"time": text, **values}), tmp_path / "cat.parquet")
    power, findings = read_metered(tmp_path / "cat.parquet", HOMES, HORIZON, form=KWH)
    assert findings == ()
    assert power.power_kw(0, 1)[0, 0] == pytest.approx(0.96)


def test_rows_of_nobody(tmp_path):
    path = tmp_path / "m.csv"
    path.write_text("time,customer,kWh\n2026-03-28 00:00,home 0,1\n2026-03-28 00:30,,1\n", encoding="utf-8")
    (finding,) = read_metered(path, HOMES, HORIZON)[1]
    assert finding.rule == "network.profiles.customer"
    assert "row 3" in finding.message


def test_numbers_in_quotes_and_spaces_are_numbers(tmp_path, series):
    stamps, values = series
    path = tmp_path / "m.csv"
    rows = zip(stamps, values["home 0"], values["home 1"], strict=True)
    text = "time,home 0,home 1\n" + "".join(f'{s.isoformat()}," {a} ",{b}\n' for s, a, b in rows)
    path.write_text(text, encoding="utf-8")
    power, findings = read_metered(path, HOMES, HORIZON, form=KWH)
    assert findings == ()
    assert power.power_kw(0, 1)[0, 0] == pytest.approx(0.96)


def test_meters_are_drawn_without_repetition_while_there_are_enough(tmp_path, series):
    stamps, _ = series
    columns = {f"meter {k}": np.full(240, 0.1 + k / 100) for k in range(5)}
    path = write_wide(tmp_path / "m.csv", [s.isoformat() for s in stamps], columns)
    form = MeterForm(unit="kWh", match="drawn")
    five, findings = read_metered(path, make_customers(5), HORIZON, form=form, seed=3)
    assert findings == ()
    assert sorted(five.meter.tolist()) == [0, 1, 2, 3, 4]
    twelve, (finding,) = read_metered(path, make_customers(12), HORIZON, form=form, seed=3)
    assert finding.rule == "network.profiles.shared"
    assert np.bincount(twelve.meter).max() == 3
    assert (
        read_metered(path, make_customers(5), HORIZON, form=form, seed=3)[0].meter.tolist()
        == five.meter.tolist()
    )


def test_the_yield_of_one_roof_is_that_of_all(tmp_path, series):
    stamps, values = series
    path = write_wide(tmp_path / "pv.csv", [s.isoformat() for s in stamps], {"yield": values["home 1"]})
    power, findings = read_metered(path, HOMES, HORIZON, kind="pv", form=MeterForm(unit="kW"))
    assert findings == ()
    assert power.power_kw(0, 2) == pytest.approx(np.full((2, 2), 0.2))


def test_profiles_of_several_files_with_the_rest_generated(tmp_path, series):
    stamps, values = series
    demand = write_wide(tmp_path / "d.csv", [s.isoformat() for s in stamps], values)
    hourly = {n: np.full(120, 1.0) for n in values}
    heat = write_wide(tmp_path / "h.csv", [s.isoformat() for s in stamps[::2]], hourly)
    cold = write_wide(tmp_path / "t.csv", [s.isoformat() for s in stamps], {"temp": np.full(240, -5.0)})
    files = ProfileFiles(demand, heat, temperature=cold, form=KWH)
    profiles, findings = read_profiles(HOMES, HORIZON, files, seed=1)
    assert [f.rule for f in findings] == ["network.profiles.steps"]
    assert "d.csv every 30 min, h.csv every 60 min" in findings[0].message
    got = profiles.profiles()
    assert got.demand_kw[0, 0] == pytest.approx(0.96)
    assert (got.heat_pump_kw == 1.0).all()
    assert got.pv_kw_per_kwp.shape == (2, 426)
    bad = ProfileFiles(tmp_path / "absent.csv", temperature=demand, form=KWH)
    none, findings = read_profiles(HOMES, HORIZON, bad, seed=1)
    assert none is None
    assert {f.rule for f in findings} == {"network.profiles.file", "network.temperature.column"}


def test_temperature_files(tmp_path, series):
    stamps, _ = series
    text = [s.isoformat() for s in stamps]
    path = write_wide(tmp_path / "t.csv", text, {"t_c": np.linspace(-5, 5, 240)})
    given, findings = read_temperature(path, HORIZON)
    assert findings == ()
    assert given.values_c[0] == pytest.approx(-5 + 48 * 10 / 239)
    kelvin = write_wide(tmp_path / "k.csv", text, {"t_k": np.linspace(268, 278, 240)})
    none, (finding,) = read_temperature(kelvin, HORIZON)
    assert none is None
    assert finding.rule == "network.temperature.range"
    short = write_wide(tmp_path / "s.csv", text[:100], {"t": np.zeros(100)})
    assert read_temperature(short, HORIZON)[1][0].rule == "network.profiles.gap"
    assert read_temperature(tmp_path / "no.csv", HORIZON)[0] is None


def test_means_of_a_step_that_does_not_divide_by_hand():
    # Values 1, 2, 3 of 20 min each on periods of 30 min: (20·1 + 10·2)/30 and (10·2 + 20·3)/30.
    got = mean_power(np.array([[1.0, 2.0, 3.0]]), 0, 1200, np.array([0, 1800, 3600]))
    assert got == pytest.approx(np.array([[40 / 30, 80 / 30]]))
    assert mean_power(np.ones((2, 3)), 0, 1200, np.array([0])).shape == (2, 0)


def test_units():
    assert [kw_per(u, 1800) for u in ("kW", "W", "kWh", "Wh")] == [1, 0.001, 2, 0.002]
    assert unit_in("KWH/hh (per half hour)") == "kWh"
    assert unit_in("power_kw") == "kW"
    assert unit_in("Energy [Wh]") == "Wh"
    assert unit_in("two words") is None
