"""Neighbourhood XML and jobs XML: nesting and the named children count; nothing is dropped in silence."""

from __future__ import annotations

import pytest

from sparewatt.inputs.community.import_xml import (
    import_jobs_xml,
    import_neighbourhood_xml,
    write_jobs_xml,
    write_neighbourhood_xml,
)
from sparewatt.inputs.community.neighbourhood_xml import house_list_text, read_house_list
from sparewatt.inputs.community.read import read_neighbourhood
from sparewatt.inputs.community.write import same_parts
from sparewatt.model.neighbourhood import Device
from support.neighbourhood_folders import ORIGIN, small_files, write_files

HOUSES = """<?xml version="1.0"?>
<neighborhood id="Trento">
  <house id="57">
    <user id="1">
      <device><id>219</id><name>Washer</name><template>97</template><type>Consumer</type></device>
      <device>
        <type>Producer</type><id>[220]</id>
        <colour>blue</colour>
      </device>
    </user>
    <user id="2"><device><id>221</id><template>98</template></device></user>
  </house>
  <house id="58"/>
</neighborhood>
"""


def _job(device, registered, earliest, latest, more=""):
    times = f"<est>{ORIGIN + earliest}</est><lst>{ORIGIN + latest}</lst>{more}"
    return f"<device><id>{device}</id><creation_time>{ORIGIN + registered}</creation_time>{times}</device>"


JOBS = f"""<neighborhood id="Trento"><house id="57"><user id="1">
{_job(219, 0, 60, 600)}
{_job(219, 5, 60, 900, "<load>98.csv</load>")}</user><user id="2">
{_job(221, 0, 60, 600)}
</user></house></neighborhood>
"""


def test_houses_users_and_devices():
    houses, findings = read_house_list(HOUSES.encode())
    assert findings == ()
    assert (houses.name, houses.houses) == ("Trento", ("57", "58"))
    assert houses.devices == (
        Device("57", "1", "219", "Washer", "97", "Consumer"),
        Device("57", "1", "220", "", "", "Producer"),
        Device("57", "2", "221", "", "98", ""),
    )


def test_tags_but_for_the_named_children_do_not_count():
    other = HOUSES.replace("house", "home").replace("neighborhood", "street").replace("device", "thing")
    assert read_house_list(other.replace("user", "person").encode()) == read_house_list(HOUSES.encode())


def test_what_is_written_reads_as_the_same():
    houses, _ = read_house_list(HOUSES.encode())
    assert read_house_list(house_list_text(houses).encode()) == (houses, ())


DEVICE = "<device><id>219</id>"


@pytest.mark.parametrize(
    ("content", "rule", "where"),
    [
        (HOUSES.replace('<house id="58"/>', "<house/>"), "community.xml.id", "n.xml row 13"),
        (HOUSES.replace('id="58"', 'id="57"'), "community.house.twice", "n.xml row 13"),
        (HOUSES.replace("<id>221</id>", ""), "community.xml.id", "n.xml row 11"),
        (HOUSES.replace("221", "219"), "community.device.twice", "n.xml row 11"),
        (HOUSES.replace("221", "2;1"), "community.value.name", "n.xml row 11"),
        (
            HOUSES.replace(
                '<house id="58"/>', f'<house id="58"><user id="1">{DEVICE}</device></user></house>'
            ),
            "community.device.two_houses",
            "n.xml row 13",
        ),
        (HOUSES.replace("</house>", ""), "community.xml.form", "n.xml row 14"),
        ("", "community.xml.form", "n.xml row 1"),
        ("<a>" * 50 + "</a>" * 50, "community.xml.form", "n.xml"),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><a id='x'/>", "community.xml.entities", "n.xml"),
        ("<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a id='x'/>", "community.xml.entities", "n.xml"),
        ("<a id='&b;'/>", "community.xml.form", "n.xml row 1"),
        ("<?xml version='1.0' encoding='no-such'?><a/>", "community.xml.form", "n.xml"),
    ],
)
def test_each_problem_is_told_with_its_line(content, rule, where):
    houses, findings = read_house_list(content.encode(), "n.xml")
    assert houses is None
    assert [(f.rule, f.severity, f.where) for f in findings] == [(rule, "error", where)]
    assert findings[0].remedy


def test_two_houses_with_one_device_name_both():
    text = HOUSES.replace('<house id="58"/>', f'<house id="58"><user id="1">{DEVICE}</device></user></house>')
    (finding,) = read_house_list(text.encode())[1]
    assert (finding.ids, finding.value) == (("57", "58"), "219")


def test_entities_that_grow_are_refused_at_once():
    lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    text = f'<!DOCTYPE a [<!ENTITY l0 "lol">{lol}]><a id="&l11;"/>'
    assert [f.rule for f in read_house_list(text.encode())[1]] == ["community.xml.entities"]


@pytest.fixture
def folder(tmp_path):
    """An imported neighbourhood with two loads and no jobs yet."""
    (tmp_path / "n.xml").write_text(HOUSES)
    (tmp_path / "j.xml").write_text(JOBS)
    assert import_neighbourhood_xml(tmp_path / "n.xml", tmp_path / "lane") == ()
    loads = {"loads/97.csv": "0 0\n60 5\n", "loads/98.csv": "0 0\n120 7\n"}
    return write_files(tmp_path / "lane", loads)


def test_both_are_imported_into_a_folder_that_runs(folder, tmp_path):
    assert import_jobs_xml(tmp_path / "j.xml", folder) == ()
    n, findings = read_neighbourhood(folder)
    assert [f.rule for f in findings] == ["community.producers.none"]
    assert (n.name, n.house_ids, n.origin_s) == ("Trento", ("57", "58"), ORIGIN)
    assert n.jobs.ids == ("[57]:[219]:[1]", "[57]:[219]:[2]", "[57]:[221]:[1]")
    assert n.jobs.registered_s.tolist() == [0, 5, 0]
    assert n.jobs.latest_s.tolist() == [600, 900, 600]
    assert n.jobs.energy_kwh.tolist() == [0.005, 0.007, 0.007]


def test_jobs_are_numbered_on(folder, tmp_path):
    (folder / "consumer_event.csv").write_text(f"{ORIGIN};{ORIGIN};{ORIGIN};[57]:[219]:[3];97.csv")
    assert import_jobs_xml(tmp_path / "j.xml", folder) == ()
    assert import_jobs_xml(tmp_path / "j.xml", folder) == ()
    ids = read_neighbourhood(folder)[0].jobs.ids
    assert ids[:5] == (
        "[57]:[219]:[3]",
        "[57]:[219]:[2]",
        "[57]:[219]:[4]",
        "[57]:[221]:[1]",
        "[57]:[219]:[5]",
    )
    assert len(set(ids)) == 7


def test_times_may_count_from_elsewhere(folder, tmp_path):
    text = JOBS.replace(str(ORIGIN)[:6], "0000").replace("<creation_time>00006400", "<creation_time>0")
    (tmp_path / "j.xml").write_text(text)
    offset = ORIGIN - int(str(ORIGIN)[6:])
    assert import_jobs_xml(tmp_path / "j.xml", folder, offset_s=offset)[:1] == ()
    assert read_neighbourhood(folder)[0].jobs.latest_s.max() >= 900


@pytest.mark.parametrize(
    ("old", "new", "rule", "value"),
    [
        ("<id>221</id>", "<id>222</id>", "community.device.unknown", "222"),
        ('<house id="57">', '<house id="58">', "community.device.unknown", "219"),
        ("<load>98.csv</load>", "<load>96.csv</load>", "community.file.missing", "96.csv"),
        ("<load>98.csv</load>", "<load>../../j.xml</load>", "community.file.outside", "../../j.xml"),
        (f"<lst>{ORIGIN + 900}</lst>", f"<lst>{ORIGIN}</lst>", "community.jobs.window", str(ORIGIN)),
        (f"<est>{ORIGIN + 60}</est>", "", "community.xml.time", ""),
        (f"<est>{ORIGIN + 60}</est>", "<est>noon</est>", "community.value.stamp", "noon"),
        (f"<est>{ORIGIN + 60}</est>", f"<est>{'9' * 5000}</est>", "community.value.stamp", "9" * 200),
        (
            "<neighborhood",
            "<!DOCTYPE a [<!ENTITY b 'c'>]><neighborhood",
            "community.xml.entities",
            "neighborhood",
        ),
    ],
)
def test_jobs_that_are_wrong_are_told_and_nothing_is_written(folder, tmp_path, old, new, rule, value):
    assert old in JOBS
    (tmp_path / "j.xml").write_text(JOBS.replace(old, new, 1))
    findings = import_jobs_xml(tmp_path / "j.xml", folder)
    assert rule in {f.rule for f in findings}
    assert {f.severity for f in findings} == {"error"}
    if rule != "community.xml.entities":
        assert (rule, value) in {(f.rule, f.value) for f in findings}
    assert (folder / "consumer_event.csv").read_text() == ""


def test_a_device_without_a_template_needs_a_load(folder, tmp_path):
    (tmp_path / "j.xml").write_text(JOBS.replace("221", "220"))
    findings = import_jobs_xml(tmp_path / "j.xml", folder)
    assert [(f.rule, f.value) for f in findings] == [("community.xml.load", "220")]


def test_jobs_need_a_neighbourhood(tmp_path):
    (tmp_path / "j.xml").write_text(JOBS)
    (tmp_path / "lane").mkdir()
    findings = import_jobs_xml(tmp_path / "j.xml", tmp_path / "lane")
    assert [(f.rule, f.value) for f in findings] == [("community.file.missing", "neighbourhood.xml")]
    findings = import_jobs_xml(tmp_path / "nowhere.xml", tmp_path / "lane")
    assert ("community.file.missing", "nowhere.xml") in {(f.rule, f.value) for f in findings}


def test_a_neighbourhood_that_is_wrong_makes_no_folder(tmp_path):
    (tmp_path / "n.xml").write_text(HOUSES.replace('id="58"', 'id="57"'))
    findings = import_neighbourhood_xml(tmp_path / "n.xml", tmp_path / "lane")
    assert [f.rule for f in findings] == ["community.house.twice"]
    assert not (tmp_path / "lane").exists()


def test_xml_that_is_written_gives_the_same_jobs_again(tmp_path):
    """The kettle is named as a device of the XML; its job gets a number."""
    source = write_files(tmp_path / "source", small_files())
    before = read_neighbourhood(source)[0]
    write_neighbourhood_xml(before, tmp_path / "n.xml")
    write_jobs_xml(before, tmp_path / "j.xml")
    target = write_files(
        tmp_path / "target",
        {
            "loads/wash.csv": small_files()["loads/wash.csv"],
            "loads/load_0002.csv": small_files()["loads/boil.csv"],
            "producer_event.csv": "",
        },
    )
    assert import_neighbourhood_xml(tmp_path / "n.xml", target) == ()
    assert import_jobs_xml(tmp_path / "j.xml", target) == ()
    after = read_neighbourhood(target)[0]
    assert after.devices == before.devices
    assert after.jobs.ids == ("[57]:[219]:[1]", "[57]:[219]:[2]", "[58]:[kettle]:[1]")
    rows = [0, 2, 1]
    for field in ("house", "registered_s", "earliest_s", "latest_s", "end_s", "energy_kwh"):
        old = getattr(before.jobs, field)[rows]
        shift = after.origin_s - before.origin_s if field.endswith("_s") else 0
        assert (getattr(after.jobs, field) + shift).tolist() == old.tolist()
    assert same_parts(after.jobs.profiles, before.jobs.profiles)
