"""Drafts of neighbourhoods: what is changed, refused, kept, and written out as it was taken in."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

import numpy as np
import pytest

from sparewatt.errors import InputError, SparewattError
from sparewatt.inputs.community.folder_texts import folder_texts
from sparewatt.inputs.community.read import read_neighbourhood
from sparewatt.inputs.community.template import FOLDER, write_community_template
from sparewatt.model.neighbourhood import Device
from sparewatt.results.store import Store
from sparewatt.studies.community_store import read_kept_neighbourhood, write_out_neighbourhood
from sparewatt.studies.neighbourhood_curves import (
    add_forecast,
    mean_kw,
    price_rows,
    put_curve,
    put_price,
    put_tariff,
    remove_curve,
    remove_price,
)
from sparewatt.studies.neighbourhood_draft import Draft, draft_files, read_draft
from sparewatt.studies.neighbourhood_edits import (
    add_device,
    add_house,
    change_device,
    merge_xml,
    next_number,
    put_base_load,
    put_battery,
    remove_battery,
    remove_device,
    remove_house,
    rename,
)
from sparewatt.studies.neighbourhood_jobs import merge_jobs_xml, put_ev_job, put_job, remove_jobs
from sparewatt.studies.neighbourhood_keeping import (
    begin_neighbourhood,
    duplicate_neighbourhood,
    open_draft,
    save_draft,
)
from sparewatt.studies.neighbourhood_lines import BatteryLine
from sparewatt.studies.neighbourhood_timeline import draft_timeline, stamp_words
from sparewatt.studies.neighbourhood_transfer import folder_zip, keep_import, read_import
from sparewatt.studies.neighbourhood_view import house_and_job_counts, house_views, open_ends
from support.neighbourhood_folders import ORIGIN, small_files, write_files

SUN = f"{ORIGIN} 0\n{ORIGIN + 3600} 1000\n{ORIGIN + 7200} 1500\n".encode()


def small() -> Draft:
    files = small_files()
    del files["producer_scores.json"]
    return read_draft("Lane", files)


def street() -> Draft:
    """A house with panels and a washing machine."""
    draft = add_house(Draft("Street", curves={}), "1")
    draft = add_device(draft, Device("1", "", "1", "Panels", "", "producer"))
    draft, name = put_curve(draft, "loads", "wash.csv", b"0 0\n3600 1000\n")
    draft = add_device(draft, Device("1", "", "2", "Washer", name.removesuffix(".csv"), "consumer"))
    draft, name = put_curve(draft, "predictions", "sun.csv", SUN)
    return add_forecast(draft, "1", "1", name)


def rules(error: InputError) -> list[str]:
    return [finding.rule for finding in error.findings]


@pytest.fixture
def store(tmp_path):
    with Store.open(str(tmp_path / "runs.db")) as opened:
        yield opened


def test_what_the_template_writes_goes_through_the_store_and_comes_out_the_same(tmp_path, store):
    write_community_template(tmp_path)
    imported = read_import(tmp_path / FOLDER)
    kept = keep_import(store, imported)
    write_out_neighbourhood(store, kept.id, tmp_path / "out")
    name, content = folder_zip(store, kept.id)
    assert name == "six-houses.zip"
    with zipfile.ZipFile(io.BytesIO(content)) as zipped:
        packed = {n.removeprefix("neighbourhood/"): zipped.read(n) for n in zipped.namelist()}
    for there in (tmp_path / FOLDER, tmp_path / "out"):
        files = {p.relative_to(there).as_posix(): p.read_bytes() for p in there.rglob("*") if p.is_file()}
        assert {n: t for n, t in packed.items() if n != "kept_as.json"} == {
            n: t for n, t in files.items() if n != "kept_as.json"
        }
    assert read_kept_neighbourhood(store, kept.id)[0] is not None
    assert folder_zip(store, kept.id)[1] == content
    draft = open_draft(store, kept.id).draft
    counted = house_and_job_counts(store.read_neighbourhood_files(kept.id))
    assert counted == (6, len(draft.jobs) + len(draft.evs))


def test_files_of_a_stranger_keep_their_names_and_the_same_meaning(tmp_path, store):
    folder = write_files(tmp_path / "up" / "lane", small_files() | {"loads/spare.csv": "0 0\n60 1\n"})
    before, _ = read_neighbourhood(folder)
    kept = keep_import(store, read_import(tmp_path / "up"))
    assert kept.name == "Lane"
    assert dict(kept.scores) == {"pv_producer[58]:[220]": 8.25}
    opened = open_draft(store, kept.id)
    assert {"loads/spare.csv", "predictions/a_2.csv"} <= set(opened.draft.curves)
    after, _, findings = read_kept_neighbourhood(store, kept.id)
    assert findings == ()
    assert dict(folder_texts(after)) == dict(folder_texts(before))


@pytest.mark.parametrize(
    ("name", "text", "rule"),
    [
        ("consumer_event.csv", "1;2;3\n", "community.row.fields"),
        ("loads/wash.csv", "0 0\n60 30\n30 40\n", "community.curve.time"),
        ("neighbourhood.xml", "<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", "community.xml.entities"),
    ],
)
def test_what_breaks_rules_is_not_taken_in(tmp_path, name, text, rule):
    folder = write_files(tmp_path / "lane", small_files() | {name: text})
    with pytest.raises(InputError) as told:
        read_import(folder)
    assert rule in rules(told.value)


def test_an_xml_alone_is_a_neighbourhood_that_is_begun(tmp_path, store):
    write_files(tmp_path / "up", {"my.xml": small_files()["neighbourhood.xml"]})
    kept = keep_import(store, read_import(tmp_path / "up"))
    draft = open_draft(store, kept.id).draft
    assert draft.houses == ("57", "58")
    assert [d.device_id for d in draft.devices] == ["219", "230", "220", "kettle"]
    write_files(tmp_path / "none", {"my.csv": "1 2\n"})
    with pytest.raises(InputError, match="no neighbourhood among the files"):
        read_import(tmp_path / "none")


def test_who_saves_later_loses_nothing_and_overwrites_nothing(store):
    number = begin_neighbourhood(store, " A\tstreet ").id
    one, two = open_draft(store, number), open_draft(store, number)
    assert one.draft.name == "A street"
    version = save_draft(store, one, add_house(one.draft, "1"))
    assert version not in {None, one.version}
    assert save_draft(store, two, add_house(two.draft, "2")) is None
    now = open_draft(store, number)
    assert (now.draft.houses, now.version) == (("1",), version)
    store.write_scores(number, {"pv_producer[1]:[1]": 7.0})
    assert open_draft(store, number).version == version
    assert save_draft(store, now, rename(now.draft, "Another")) is not None
    assert store.find_neighbourhood(number).scores == {}  # of a producer that it has not
    with pytest.raises(SparewattError, match="There is no neighbourhood 77"):
        store.change_neighbourhood(77, version, "x", {}, ())


def test_a_copy_is_another_neighbourhood_with_the_same_scores(tmp_path, store):
    first = keep_import(store, read_import(write_files(tmp_path / "lane", small_files())))
    second = duplicate_neighbourhood(store, first.id, "Lane two")
    assert second.id != first.id
    assert second.scores == first.scores
    copied = open_draft(store, second.id).draft
    assert replace(copied, name="Lane") == open_draft(store, first.id).draft
    with pytest.raises(SparewattError, match="no name"):
        duplicate_neighbourhood(store, first.id, " \n")


def test_houses_and_devices_that_only_tables_name_are_named():
    files = small_files()
    del files["neighbourhood.xml"]
    draft = read_draft("Lane", files)
    assert draft.houses == ("57", "58")
    assert [(d.house, d.device_id, d.kind) for d in draft.devices] == [
        ("57", "219", "consumer"),
        ("58", "220", "producer"),
        ("57", "230", "ev"),
    ]
    views = {view.house: view for view in house_views(draft)}
    assert views["58"].other_jobs == 1  # the kettle has a name and no device
    assert views["58"].battery is not None
    assert views["57"].base_load == "57.csv"


def test_a_house_goes_with_all_that_is_in_it():
    draft = remove_house(small(), "57")
    assert draft.houses == ("58",)
    assert [line.job_id for line in draft.jobs] == ["[58]:kettle"]
    assert (draft.evs, draft.base) == ((), ())
    assert len(draft.forecasts) == 2
    assert "base_loads/57.csv" in draft.curves
    draft = remove_device(draft, "58", "220")
    assert draft.forecasts == ()
    assert remove_battery(draft, "58").batteries == ()
    with pytest.raises(SparewattError, match="no house 57 any more"):
        remove_house(draft, "57")


def test_ids_stand_once_and_are_plain():
    draft = street()
    for house in ("1", "", "[", "a:b"):
        with pytest.raises(SparewattError):
            add_house(draft, house)
    with pytest.raises(SparewattError, match="House 1 has a device 2 already"):
        add_device(draft, Device("1", "", "2", "", "", "consumer"))
    with pytest.raises(SparewattError, match="cannot be shown"):
        change_device(draft, "1", "2", name="a\x07", template="")
    assert next_number(["1", "7", "attic"]) == "8"
    assert change_device(draft, "1", "2", name=" Drum ", template="").devices[1].name == "Drum"


def test_batteries_and_base_load_are_judged():
    draft = street()
    line = BatteryLine("1", "5000", "2500", "2500", "0.95", "0")
    assert put_battery(draft, line).batteries == (line,)
    with pytest.raises(InputError) as told:
        put_battery(draft, line._replace(efficiency="1.2"))
    assert rules(told.value) == ["community.value.range"]
    with pytest.raises(SparewattError, match="no base-load file"):
        put_base_load(draft, "1", "home.csv")
    draft, name = put_curve(draft, "base_loads", "home.csv", SUN)
    assert put_base_load(draft, "1", name).base[0].file == "home.csv"
    assert put_base_load(put_base_load(draft, "1", name), "1", "").base == ()


def test_jobs_by_hand_are_numbered_and_judged():
    draft = street()
    times = {"registered_s": ORIGIN, "earliest_s": ORIGIN + 600, "latest_s": ORIGIN + 1200}
    draft = put_job(put_job(draft, "1", "2", **times, file="wash.csv"), "1", "2", **times, file="wash.csv")
    assert [line.job_id for line in draft.jobs] == ["[1]:[2]:[1]", "[1]:[2]:[2]"]
    later = put_job(draft, "1", "2", **times | {"latest_s": ORIGIN + 1800}, file="wash.csv", row=0)
    assert later.jobs[0] == draft.jobs[0]._replace(latest=str(ORIGIN + 1800))
    assert remove_jobs(draft, {0}).jobs == draft.jobs[1:]
    wrong = [
        ({"latest_s": ORIGIN}, "is before the earliest"),
        ({"registered_s": ORIGIN + 1300}, "registered"),
    ]
    for change, words in wrong:
        with pytest.raises(SparewattError, match=words):
            put_job(draft, "1", "2", **times | change, file="wash.csv")
    with pytest.raises(SparewattError, match="Choose a load profile"):
        put_job(draft, "1", "2", **times, file="dry.csv")
    with pytest.raises(SparewattError, match="not there any more"):
        put_job(draft, "1", "2", **times, file="wash.csv", row=5)


def test_a_car_has_to_get_its_energy_in_time():
    draft = add_device(street(), Device("1", "", "3", "Car", "", "ev"))
    times = {"registered_s": ORIGIN, "earliest_s": ORIGIN, "ready_by_s": ORIGIN + 3600}
    powers = {"energy_wh": "3000", "min_w": "1400", "max_w": "3700"}
    assert put_ev_job(draft, "1", "3", **times, **powers).evs[0].job_id == "[1]:[3]:[1]"
    with pytest.raises(InputError, match="only 3700 Wh fit"):
        put_ev_job(draft, "1", "3", **times, **powers | {"energy_wh": "4000"})


def test_xml_brings_houses_and_jobs_beside_those_that_are_there():
    draft, findings = merge_xml(street(), small_files()["neighbourhood.xml"].encode(), "lane.xml")
    assert findings == ()
    assert draft.houses == ("1", "57", "58")
    with pytest.raises(InputError, match="device 2 is in house 1 here"):
        merge_xml(street(), b"<n><house id='9'><user><device><id>2</id></device></user></house></n>", "x.xml")
    jobs = (
        "<n><house id='1'><user><device><id>{}</id>"
        f"<creation_time>{ORIGIN}</creation_time><est>{ORIGIN}</est><lst>{ORIGIN + 60}</lst>"
        "</device></user></house></n>"
    )
    with_job, _ = merge_jobs_xml(street(), jobs.format(2).encode(), "jobs.xml")
    assert [line.file for line in with_job.jobs] == ["wash.csv"]
    with pytest.raises(InputError) as told:
        merge_jobs_xml(street(), jobs.format(5).encode(), "jobs.xml")
    assert rules(told.value) == ["community.device.unknown"]


def test_curves_are_judged_named_and_reused():
    draft = street()
    draft, name = put_curve(draft, "loads", "wash.csv", b"\xef\xbb\xbf0;0\r\n3600;1000\r\n")
    assert name == "wash.csv"  # the same curve, so the same file
    draft, name = put_curve(draft, "loads", "WASH.csv", b"0,0\n60,1\n")
    assert (name, draft.curves["loads/WASH_2.csv"]) == ("WASH_2.csv", "0 0\n60 1\n")
    for content, rule in ((b"60 0\n90 1\n", "community.curve.start"), (b"\xff", "community.file.encoding")):
        with pytest.raises(InputError) as told:
            put_curve(draft, "loads", "a.csv", content)
        assert rules(told.value) == [rule]
    with pytest.raises(SparewattError, match=r"loads/wash.csv is used by Washer \(house 1\); it stays"):
        remove_curve(draft, "loads/wash.csv")
    assert "loads/WASH_2.csv" not in remove_curve(draft, "loads/WASH_2.csv").curves
    time_s, kw = mean_kw((np.array([0, 1800, 3600]), np.array([0.0, 1.0, 1.5])))
    assert (time_s.tolist(), kw.tolist()) == ([0, 1800, 3600], [2.0, 1.0, 1.0])


def test_forecasts_are_of_our_time():
    with pytest.raises(InputError) as refused:
        put_curve(street(), "predictions", "ms.csv", f"{ORIGIN}000 0\n{ORIGIN + 3600}000 5\n".encode())
    first, last = refused.value.findings
    assert (first.where, first.rule, last.where) == ("ms.csv row 1", "community.value.stamp", "ms.csv row 2")
    assert first.remedy == f"these look like milliseconds: {ORIGIN}"
    assert put_curve(street(), "loads", "slow.csv", b"0 0\n3600 5\n")[1] == "slow.csv", "from 0 on"
    assert stamp_words(f"{ORIGIN}000") == f"{ORIGIN}000", "told as it is where it is no time"


def test_prices_begin_at_midnight_and_stand_in_order():
    draft = put_price(street(), "07:00", 0.3, 0.08)
    draft = put_price(put_price(draft, "17:00", 0.4, 0.08), "6:30", 0.35, 0.1)
    assert price_rows(draft) == [
        ("00:00", "0.3", "0.08"),
        ("06:30", "0.35", "0.1"),
        ("17:00", "0.4", "0.08"),
    ]
    assert len(price_rows(remove_price(draft, "06:30"))) == 2
    assert remove_price(put_price(street(), "1:00", 1, 0), "00:00").tariff is None
    with pytest.raises(InputError) as told:
        put_price(draft, "25:00", 0.3, 0.1)
    assert rules(told.value) == ["community.value.clock"]
    stamped = put_tariff(street(), f"time,import_per_kwh,feed_in_per_kwh\n{ORIGIN},0.3,0.1\n")
    with pytest.raises(SparewattError, match="a date and time"):
        put_price(stamped, "07:00", 0.3, 0.1)
    assert len(price_rows(put_price(stamped, str(ORIGIN + 60), 0.2, 0.1))) == 2


def test_the_day_at_a_glance_by_hand():
    """1 kWh in the first hour, 0.5 in the second; later 0.3 in the hour before 06:00."""
    draft = put_job(
        street(), "1", "2", registered_s=ORIGIN, earliest_s=ORIGIN, latest_s=ORIGIN + 900, file="wash.csv"
    )
    draft, name = put_curve(draft, "predictions", "b.csv", f"{ORIGIN + 21600} 300\n".encode())
    timeline = draft_timeline(add_forecast(draft, "1", "1", name))
    kw = timeline.sun_kw["pv_producer[1]:[1]"]
    assert len(kw) == 24
    assert kw.tolist() == pytest.approx([1.0] * 4 + [0.5] * 4 + [0.0] * 12 + [0.3] * 4)
    assert timeline.sun_kwh == pytest.approx(1.8)
    assert timeline.asked_kw.tolist() == pytest.approx([1.0] * 4 + [0.0] * 20)
    (job,) = timeline.jobs
    assert (job.label, job.house, job.duration_s, job.energy_kwh) == ("Washer", "1", 3600, 1.0)
    assert job.end_s == ORIGIN + 900 + 3600
    assert len(draft_timeline(Draft("none", curves={})).edges_s) == 0


def test_what_is_open_is_told_in_words():
    draft = add_house(street(), "2")
    assert open_ends(draft, house_views(draft)) == [
        "Washer in house 1 has no jobs yet, so it uses nothing.",
        "House 2 has no devices yet.",
    ]
    assert open_ends(Draft("x", curves={}), ()) == ["There are no houses yet."]
    assert read_draft("Street", draft_files(draft)) == replace(
        draft, devices=tuple(replace(d, user="1") for d in draft.devices)
    )
