"""Jobs as a table, houses that are looked for, scores of a draft, and times of a jobs XML."""

from __future__ import annotations

import pytest

from sparewatt.errors import InputError
from sparewatt.results.store import Store
from sparewatt.studies.community_scores import read_kept_scores, reset_kept_scores
from sparewatt.studies.neighbourhood_draft import Draft, read_draft
from sparewatt.studies.neighbourhood_job_list import JobRow, find_rows
from sparewatt.studies.neighbourhood_jobs import jobs_xml_times, merge_jobs_xml, time_zero_s
from sparewatt.studies.neighbourhood_keeping import open_draft, save_draft
from sparewatt.studies.neighbourhood_sight import Sight
from sparewatt.studies.neighbourhood_transfer import Imported, keep_import
from sparewatt.studies.neighbourhood_view import find_houses
from support.neighbourhood_folders import ORIGIN, small_files

XML = (
    '<neighborhood id="x"><house id="57"><user id="1"><device><id>219</id>'
    "<creation_time>{0}</creation_time><est>{1}</est><lst>{2}</lst></device></user></house></neighborhood>"
)


def small() -> Draft:
    files = small_files()
    del files["producer_scores.json"]
    return read_draft("Lane", files)


def row(name: str, energy: float | None, **more: str) -> JobRow:
    words = {"house": "1", "device": "Washer", "registered": "", "earliest": "", "latest": "", "ready_by": ""}
    return JobRow(kind="job", row=0, job=name, load="a.csv", energy=energy, runs=None, **{**words, **more})


def found(rows: list[JobRow], filters=None, order=None) -> list[str]:
    return [one.job for one in find_rows(rows, filters, order)]


def test_jobs_are_told_in_words():
    rows = Sight(small()).jobs
    assert [(one.kind, one.row, one.house, one.device) for one in rows] == [
        ("job", 0, "57", "Washer & dryer"),
        ("job", 1, "58", "kettle"),
        ("job", 2, "57", "Washer & dryer"),
        ("ev", 0, "57", "Car"),
    ]
    assert rows[0][5:] == (*(f"2016-04-10 0{t}" for t in ("0:10", "1:00", "2:00")), "", "wash.csv", 0.7, 60.0)
    assert rows[3][5:] == (
        "2016-04-10 00:01",
        "2016-04-10 01:00",
        "",
        "2016-04-10 08:00",
        "1.38 to 3.7 kW",
        7.4,
        None,
    )


def test_jobs_are_found_and_sorted():
    rows = [row("[2]:a", 1.5), row("[10]:b", None), row("[1]:C", 0.5, device="Dryer"), row("[2]:b", 1.5)]
    text = {"filterType": "text", "type": "contains", "filter": "wash"}
    least = {"filterType": "number", "type": "greaterThanOrEqual", "filter": 1.5}
    assert found(rows, {"device": text}) == ["[2]:a", "[10]:b", "[2]:b"], "of any case"
    assert found(rows, {"device": text, "energy": least}) == ["[2]:a", "[2]:b"]
    assert found(rows, {"energy": least | {"type": "lessThanOrEqual", "filter": 1}}) == ["[1]:C"]
    assert found(rows, {"job": text | {"type": "startsWith", "filter": "[1"}}) == ["[10]:b", "[1]:C"]
    assert found(rows, {"job": text | {"type": "equals", "filter": "[1]:c"}}) == ["[1]:C"]
    assert found(rows, {"job": text | {"type": "notContains", "filter": "b"}}) == ["[2]:a", "[1]:C"]
    for nothing in (
        {"nobody": text},
        {"device": text | {"type": "eval"}},
        {"energy": least | {"filter": "x"}},
    ):
        assert len(found(rows, nothing)) == 4
    up, down = ({"colId": "job", "sort": sort} for sort in ("asc", "desc"))
    assert found(rows, order=[up]) == ["[1]:C", "[2]:a", "[2]:b", "[10]:b"], "as numbers"
    assert found(rows, order=[{"colId": "energy", "sort": "desc"}, down]) == [
        "[2]:b",
        "[2]:a",
        "[1]:C",
        "[10]:b",
    ]
    assert found(rows, order=[{"colId": "energy", "sort": "asc"}])[-1] == "[10]:b", "what is empty comes last"
    assert found(rows, order=[{"colId": "nobody", "sort": "asc"}]) == [one.job for one in rows]


def test_houses_are_found_by_their_name_and_what_is_in_them():
    views = Sight(small()).houses

    def houses(sought: str) -> list[str]:
        return [view.house for view in find_houses(views, sought)]

    assert houses("") == houses("5") == ["57", "58"]
    assert houses("58") == houses("House 58") == houses("battery") == houses("solar PANELS") == ["58"]
    assert houses("dryer") == houses("230") == ["57"]
    assert houses("house 5") == ["57", "58"]
    assert houses("nobody") == []


def test_a_version_is_read_once(tmp_path):
    with Store.open(str(tmp_path / "store.db")) as store:
        number = keep_import(store, Imported(small(), {"pv_producer[58]:[220]": 4.5}, ())).id
        first = open_draft(store, number)
        assert open_draft(store, number).sight is first.sight
        assert first.sight.houses is first.sight.houses
        assert save_draft(store, first, small()) == first.version, "the same files are the same version"
        changed = Draft("Other", curves={})
        assert save_draft(store, first, changed) is not None
        assert open_draft(store, number).draft.name == "Other"
        assert save_draft(store, open_draft(store, number), small()) == first.version
        assert read_kept_scores(store, number) == {"pv_producer[58]:[220]": 10.0}, "it went with its producer"
        store.write_scores(number, {"pv_producer[58]:[220]": 4.5})
        assert read_kept_scores(store, number) == {"pv_producer[58]:[220]": 4.5}
        assert reset_kept_scores(store, number) == {"pv_producer[58]:[220]": 10.0}


def test_a_jobs_xml_counts_from_where_people_say():
    draft = small()
    assert time_zero_s(draft) == ORIGIN, "the first forecast; the first job is registered 600 s later"
    assert time_zero_s(Draft("none", curves={})) is None
    content = XML.format(300, 3600, 7200).encode()
    times = jobs_xml_times(content, "jobs.xml")
    assert (times.jobs, times.first_s, times.last_s) == (1, 300, 7200)
    with pytest.raises(InputError) as refused:
        merge_jobs_xml(draft, content, "jobs.xml")
    assert "UNIX seconds of the years 1971 to 2199" in refused.value.findings[0].remedy
    more, findings = merge_jobs_xml(draft, content, "jobs.xml", ORIGIN)
    assert findings == ()
    assert more.jobs[:-1] == draft.jobs
    assert more.jobs[-1] == (
        str(ORIGIN + 300),
        str(ORIGIN + 3600),
        str(ORIGIN + 7200),
        "[57]:[219]:[3]",
        "wash.csv",
    )
    assert (more.forecasts, more.curves, more.evs) == (draft.forecasts, draft.curves, draft.evs)
    with pytest.raises(InputError) as refused:
        jobs_xml_times(b'<!DOCTYPE x [<!ENTITY a "b">]><neighborhood id="&a;"/>', "jobs.xml")
    assert refused.value.findings[0].rule == "community.xml.entities"
