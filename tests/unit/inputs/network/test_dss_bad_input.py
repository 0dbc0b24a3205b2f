"""What can be wrong with an OpenDSS folder: findings with file, line and object, never a traceback."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from sparewatt.inputs.network.dss import read_dss_network
from sparewatt.inputs.network.pandapower import read_pandapower_network
from support.dss_folders import FILES, write_little_network

LINES, LOADS, MASTER = FILES["lines.txt"], FILES["loads.txt"], FILES["Master.dss"]
T1 = "New Line.T1 Bus1=b Bus2=d phases=3 Linecode=main Length=5 Units=m\n"

ERRORS = {
    "missing redirect": (
        {"Master_dss": ("codes.txt", "cods.txt")},
        "network.file.missing", "Master.dss line 5", "cods.txt", "did you mean codes.txt?",
    ),
    "unknown linecode": (
        {"lines_txt": ("Length=10", "Linecode=servise Length=10")},
        "network.line.unknown_linecode", "lines.txt line 5, line S1", "servise", "did you mean service?",
    ),
    "unknown bus": (
        {"loads_txt": ("h1.1", "h11.1")},
        "network.load.unknown_bus", "loads.txt line 1, load L1", "bus h11", "did you mean h1?",
    ),
    "island": (
        {"lines_txt": ("Bus1=b Bus2=h2", "Bus1=x Bus2=h2")},
        "network.island", "lines.txt line 6, line S2", "2 nodes (x, h2) with 1 loads", "join them",
    ),
    "load on a phase that is not there": (
        {"lines_txt": (
            "Bus1=a Bus2=h1 phases=3 Linecode=service",
            "Bus1=a.2 Bus2=h1.2 phases=1 R1=1 X1=.1 R0=1 X0=.1 Normamps=9",
        )},
        "network.load.phase", "loads.txt line 1, load L1", "phase 1 of node h1, which has phase 2", "a phase",
    ),
    "zero length": (
        {"lines_txt": ("Length=60", "Length=0")},
        "network.branch.length", "lines.txt line 3, line M2", "0 m", "above 0",
    ),
    "negative length": (
        {"lines_txt": ("Length=60", "Length=-60")},
        "network.branch.length", "lines.txt line 3, line M2", "-60 m", "above 0",
    ),
    "kV of two phases at one": (
        {"loads_txt": ("h1.1 kV=0.23", "h1.1 kV=0.4")},
        "network.load.kv", "loads.txt line 1, load L1", "0.4 kV, the network's there 0.2402 kV", "kV=0.24",
    ),
    "kV of one phase at three": (
        {"loads_txt": ("kV=0.4 ", "kV=0.23 ")},
        "network.load.kv", "loads.txt line 4, load L4", "0.23 kV, the network's there 0.416 kV", "kV=0.416",
    ),
    "kV of the source": (
        {"Master_dss": ("BasekV=11", "BasekV=6.6")},
        "network.source.kv", "Master.dss line 4, vsource source", "6.6 kV", "BasekV",
    ),
    "name twice": (
        {"loads_txt": LOADS + "New Load.l2 Phases=1 Bus1=h2.2 kV=0.23 kW=2 PF=0.95\n"},
        "network.element.twice", "loads.txt line 5", "first at loads.txt line 2", "one name",
    ),
    "no transformer": (
        {"Master_dss": ("Redirect loads.txt", "Redirect loads.txt\nDisable Transformer.TR1")},
        "network.transformer.count", "the network", "0 of class transformer", "one transformer",
    ),
    "two transformers": (
        {"loads_txt": LOADS + "New Transformer.T2 Buses=[SourceBus d] Conns=[Delta Wye] kVs=[11 .416]\n"},
        "network.transformer.count", "loads.txt line 5, transformer T2", "2 of class transformer", "several",
    ),
    "two sources": (
        {"loads_txt": LOADS + "New Vsource.S2 Bus1=d BasekV=0.416\n"},
        "network.source.count", "loads.txt line 5, vsource S2", "2 of class vsource", "",
    ),
    "star to star": (
        {"Master_dss": ("[Delta Wye]", "[Wye Wye]")},
        "network.transformer.form", "Master.dss line 7, transformer TR1", "delta to wye", "Conns",
    ),
    "three windings": (
        {"Master_dss": (
            "Buses=[SourceBus Bar] Conns=[Delta Wye] kVs=[11 0.416] kVAs=[500 500]\n~ XHL=4 %Rs=[0.6 0.5]",
            "windings=3 Buses=[SourceBus Bar q] Conns=[Delta Wye Wye] kVs=[11 0.416 0.416]",
        )},
        "network.transformer.form", "Master.dss line 7, transformer TR1", "3 windings", "",
    ),
    "open neutral": (
        {"Master_dss": ("Buses=[SourceBus Bar]", "Buses=[SourceBus Bar.1.2.3.4]")},
        "network.transformer.neutral", "Master.dss line 7, transformer TR1", "neutral", "Rneut",
    ),
    "source elsewhere": (
        {"Master_dss": ("Buses=[SourceBus", "Buses=[Primary")},
        "network.source.bus", "Master.dss line 3, vsource source", "primary", "short-circuit",
    ),
    "crossed phases": (
        {"lines_txt": ("Bus1=a Bus2=b", "Bus1=a.1.2.3 Bus2=b.2.3.1")},
        "network.branch.phases", "lines.txt line 3, line M2", "same phases", "join phase 1 to 1",
    ),
    "four conductors": (
        {"lines_txt": ("Bus1=a Bus2=b phases=3 Linecode=main", "Bus1=a Bus2=b phases=4 R1=1")},
        "network.branch.phases", "lines.txt line 3, line M2", "neutral", "Kron",
    ),
    "both ends at one bus": (
        {"lines_txt": ("Bus1=a Bus2=b", "Bus1=a Bus2=A")},
        "network.branch.bus", "lines.txt line 3, line M2", "both ends", "",
    ),
    "line without a bus": (
        {"lines_txt": ("Bus1=a Bus2=b", "Bus1=a.x Bus2=b")},
        "network.branch.bus", "lines.txt line 3, line M2", "bus1", "",
    ),
    "load between two phases": (
        {"loads_txt": ("Bus1=h1.1 kV=0.23", "Bus1=h1.1.2 kV=0.4 conn=delta")},
        "network.load.connection", "loads.txt line 1, load L1", "1-phase, delta", "Phases=1",
    ),
    "load without a bus": (
        {"loads_txt": ("Bus1=h1.1 ", "")},
        "network.load.bus", "loads.txt line 1, load L1", "no bus", "Bus1=",
    ),
    "power that is no number": (
        {"loads_txt": ("kW=3", "kW=nan")},
        "network.load.value", "loads.txt line 1, load L1", "nan", "",
    ),
    "word for a number": (
        {"lines_txt": ("Length=60", "Length=sixty")},
        "network.dss.value", "lines.txt line 3", "Invalid inline math entry", "",
    ),
    "value that OpenDSS does not know": (
        {"loads_txt": ("kW=3", "kW=3 Model=99")},
        "network.dss.value", "loads.txt line 1", '"99" is not a valid value', "",
    ),
    "unknown property": (
        {"lines_txt": ("Length=60", "Lenght=60")},
        "network.dss.unknown_property", "lines.txt line 3",
        "line M2 has no property lenght", "did you mean length?",
    ),
    "unknown command": (
        {"Master_dss": ("Redirect lines", "Readirect lines")},
        "network.dss.unknown_command", "Master.dss line 6", "readirect", "did you mean redirect?",
    ),
    "unknown class": (
        {"loads_txt": ("New Load.L1", "New Lode.L1")},
        "network.dss.unknown_class", "loads.txt line 1", "lode", "did you mean load?",
    ),
    "edit of what is not there": (
        {"loads_txt": LOADS + "Edit Load.L9 kW=3\n"},
        "network.dss.unknown_element", "loads.txt line 5", "there is no load L9", "did you mean L",
    ),
    "capacitor": (
        {"loads_txt": LOADS + "New Capacitor.C1 Bus1=d kvar=10 kV=0.4\n"},
        "network.dss.not_supported", "loads.txt line 5", "capacitor C1 is not modelled", "",
    ),
    "one phase opened": (
        {"lines_txt": LINES + "Open Line.M1 1 2\n"},
        "network.dss.not_supported", "lines.txt line 8", "with all its phases", "",
    ),
    "variables": (
        {"lines_txt": LINES + "New Line.V1 Bus1=@here Bus2=h9\n"},
        "network.dss.not_supported", "lines.txt line 8", "variables", "",
    ),
    "bracket left open": (
        {"Master_dss": ("%Rs=[0.6 0.5]", "%Rs=[0.6 0.5")},
        "network.dss.form", "Master.dss line 8", "not closed", "",
    ),
    "no circuit": (
        {"Master_dss": ("New circuit.Little\n", "")},
        "network.dss.no_circuit", "codes.txt line 1", "before any New Circuit", "New Circuit",
    ),
    "nothing in it": (
        {"Master_dss": "! nothing\n"}, "network.dss.no_circuit", "the network", "no circuit", "",
    ),
    "two circuits": (
        {"Master_dss": MASTER + "New circuit.More\n"},
        "network.dss.not_supported", "Master.dss line 14", "two circuits", "",
    ),
    "redirects that go round": (
        {"codes_txt": FILES["codes.txt"] + "Redirect Master.dss\n"},
        "network.file.redirect_loop", "codes.txt line 3", "go round", "",
    ),
    "a file outside the folder": (
        {"Master_dss": ("codes.txt", "../codes.txt")},
        "network.file.outside", "Master.dss line 5", "outside the folder", "into the folder",
    ),
    "an absolute path": (
        {"Master_dss": ("Redirect codes.txt", "Compile /etc/passwd")},
        "network.file.outside", "Master.dss line 5", "outside the folder", "",
    ),
    "a path of Windows": (
        {"Master_dss": ("Redirect codes.txt", "Compile C:\\nets\\codes.txt")},
        "network.file.outside", "Master.dss line 5", "outside the folder", "",
    ),
    "shell": (
        {"Master_dss": MASTER + "DOScmd touch here\n"},
        "network.dss.refused", "Master.dss line 14", "touches the machine", "take the line out",
    ),
    "change of folder": (
        {"Master_dss": MASTER + "CD /tmp\n"}, "network.dss.refused", "Master.dss line 14", "cd", "",
    ),
    "data path": (
        {"Master_dss": MASTER + "Set datapath=/tmp\n"},
        "network.dss.refused", "Master.dss line 14", "set datapath touches the machine", "",
    ),
    "values from a file": (
        {"codes_txt": ("nphases=3 R1=0.164", "nphases=3 rmatrix=(file=/etc/passwd) R1=0.164")},
        "network.dss.refused", "codes.txt line 1, linecode main", "read from a file", "",
    ),
    "a number that would take all memory": (
        {"codes_txt": ("nphases=3 R1=0.164", "nphases=1e9 R1=0.164")},
        "network.dss.count", "codes.txt line 1, linecode main", "nphases", "",
    ),
    "code of another frequency": (
        {"codes_txt": ("R1=0.164", "basefreq=60 R1=0.164")},
        "network.branch.frequency", "lines.txt line 2, line M1", "60 Hz", "DefaultBaseFrequency",
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "rule", "where", "message", "remedy"), ERRORS.values(), ids=ERRORS.keys()
)
def test_bad_input_is_a_finding_with_file_line_and_object(tmp_path, changes, rule, where, message, remedy):
    network, findings = read_dss_network(write_little_network(tmp_path / "little", **changes))
    assert network is None
    told = "\n".join(map(str, findings))
    found = [f for f in findings if f.rule == rule and f.severity == "error" and f.where == where]
    assert found, told
    assert any(message in f.message for f in found), told
    assert any(remedy in f.remedy for f in found), told


LEFT = "network.dss.not_carried_out", "Master.dss line 14"
WARNINGS = {
    "export": ({"Master_dss": MASTER + "Export voltages\n"}, *LEFT),
    "save": ({"Master_dss": MASTER + "save circuit dir=out\n"}, *LEFT),
    "show": ({"Master_dss": MASTER + "sh volt\n"}, *LEFT),
    "load multiplier": ({"Master_dss": MASTER + "set loadmult=2\n"}, *LEFT),
    "control": (
        {"Master_dss": MASTER + "New RegControl.R transformer=TR1\n~ winding=2\n"},
        "network.dss.left_out", "Master.dss line 14",
    ),
    "unknown option": (
        {"Master_dss": MASTER + "set colour=red\n"}, "network.dss.unknown_option", "Master.dss line 14",
    ),
    "no rating": (
        {"codes_txt": ("Normamps=100", "")}, "network.branch.rating", "codes.txt line 2, linecode service",
    ),
    "generator that gives": (
        {"loads_txt": LOADS + "New Generator.G Bus1=h1.1 kW=3\n"},
        "network.generator.power", "loads.txt line 5, generator G",
    ),
    "generator nowhere": (
        {"loads_txt": LOADS + "New Generator.G Bus1=q.1 kW=0\n"},
        "network.generator.unknown_bus", "loads.txt line 5, generator G",
    ),
    "delta of three phases": (
        {"loads_txt": ("kV=0.4 ", "conn=delta kV=0.4 ")},
        "network.load.connection", "loads.txt line 4, load L4",
    ),
    "load model": (
        {"loads_txt": ("kW=3", "Model=4 kW=3")}, "network.load.model", "loads.txt line 1, load L1",
    ),
    "no coordinates": (
        {"Master_dss": ("places.csv", "place.csv")}, "network.file.missing", "Master.dss line 12",
    ),
    "coordinates that are none": (
        {"places_csv": "Node,X,Y\na,1,2\nb,east,3\n"}, "network.coordinates.form", "places.csv line 3",
    ),
    "no loads": ({"loads_txt": ""}, "network.loads.none", "little"),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "rule", "where"), WARNINGS.values(), ids=WARNINGS.keys())
def test_what_is_left_out_or_assumed_is_a_warning(tmp_path, changes, rule, where):
    folder = write_little_network(tmp_path / "little", **changes)
    files = sorted(p.name for p in folder.iterdir())
    network, findings = read_dss_network(folder)
    assert network is not None
    assert [(f.rule, f.where) for f in findings if f.severity == "warning"] == [(rule, where)]
    assert sorted(p.name for p in folder.iterdir()) == files


def test_a_loop_is_named_and_other_engines_are_suggested(tmp_path):
    network, findings = read_dss_network(write_little_network(tmp_path / "little", lines_txt=LINES + T1))
    (loop,) = [f for f in findings if f.rule == "network.loop"]
    assert network is not None
    assert loop.severity == "warning"
    assert set(loop.ids) == {"T1", "M1", "M2", "N1"}
    assert loop.where in {"lines.txt line 8, line T1", "lines.txt line 3, line M2"}
    assert 'engine = "opendss"' in loop.remedy


def test_all_findings_come_at_once(tmp_path):
    changes = {
        "lines_txt": LINES.replace("Length=60", "Length=0").replace("Bus1=d Bus2=h3", "Bus1=y Bus2=h3"),
        "loads_txt": LOADS.replace("h1.1 kV=0.23", "h1.1 kV=11").replace("h2.2", "h22.2"),
        "codes_txt": FILES["codes.txt"] + "New Linecode.main R1=1\n",
    }
    rules = {f.rule for f in read_dss_network(write_little_network(tmp_path / "little", **changes))[1]}
    expected = {"branch.length", "island", "load.kv", "load.unknown_bus", "element.twice"}
    assert rules >= {f"network.{r}" for r in expected}


def test_many_of_a_kind_are_counted(tmp_path):
    loads = "".join(f"New Load.X{n} Phases=1 Bus1=nowhere{n}.1 kV=0.23 kW=1\n" for n in range(200))
    _, findings = read_dss_network(write_little_network(tmp_path / "little", loads_txt=loads))
    assert len(findings) < 60
    assert any("150 more findings of this kind" in f.message for f in findings)


@pytest.mark.parametrize(
    "content", [b"New \xe9t\xe9\n", b"a\0b", "é".encode("utf-16")], ids=["cp1252", "zero", "utf-16"]
)
def test_files_in_other_encodings_are_told(tmp_path, content):
    folder = write_little_network(tmp_path / "little")
    (folder / "loads.txt").write_bytes(b"! fine\n" + content)
    network, findings = read_dss_network(folder)
    assert network is None
    assert [f.rule for f in findings] == ["network.file.encoding"]
    assert findings[0].where == "loads.txt line 2"


def test_utf_8_with_a_mark_is_read(tmp_path):
    folder = write_little_network(tmp_path / "little")
    (folder / "loads.txt").write_bytes(
        b"\xef\xbb\xbf! caf\xc3\xa9\r\n" + LOADS.replace("\n", "\r\n").encode()
    )
    assert read_dss_network(folder)[0] is not None


def test_a_link_out_of_the_folder_is_not_followed(tmp_path):
    folder = write_little_network(tmp_path / "little")
    (tmp_path / "secret.txt").write_text(LOADS)
    (folder / "loads.txt").unlink()
    (folder / "loads.txt").symlink_to(tmp_path / "secret.txt")
    network, findings = read_dss_network(folder)
    assert network is None
    assert [f.rule for f in findings] == ["network.file.outside"]


def test_a_master_outside_of_its_folder_is_not_read(tmp_path):
    write_little_network(tmp_path / "little")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "Master.dss").symlink_to(tmp_path / "little" / "Master.dss")
    assert [f.rule for f in read_dss_network(tmp_path / "other")[1]] == ["network.file.missing"]


@pytest.mark.parametrize("name", ["../little", "/etc", "a\0b"])
def test_a_path_that_leaves_the_folder_of_the_scenario_is_refused(tmp_path, name):
    write_little_network(tmp_path / "little")
    (tmp_path / "scenario").mkdir()
    network, findings = read_dss_network(Path(name), tmp_path / "scenario")
    assert network is None
    assert [f.rule for f in findings] == ["network.file.outside"]
    _, findings = read_pandapower_network(Path(name), tmp_path / "scenario")
    assert [f.rule for f in findings] == ["network.file.outside"]


@pytest.mark.parametrize("made", [[], ["a.dss", "b.dss"]], ids=["none", "two"])
def test_a_folder_without_a_master_is_told(tmp_path, made):
    for name in made:
        (tmp_path / name).write_text("")
    network, findings = read_dss_network(tmp_path)
    assert network is None
    assert [f.rule for f in findings] == ["network.file.missing"]
    assert read_dss_network(tmp_path / "nowhere")[1][0].rule == "network.file.missing"


NOISE = (
    rb' |=|[|"|~|.|-1|nan|1e308|999|like=|phases=2|New Line.|bus1=|(1 0 /)|%|kV=0|@|wdg=7|tap=0|basefreq=0'
)
WORDS = (*NOISE.split(b"|"), b"|", b"\xff", b"\0", b"\n")


@pytest.mark.parametrize("seed", range(40))
def test_broken_files_are_findings_and_never_tracebacks(tmp_path, seed):
    rng = random.Random(seed)
    folder = write_little_network(tmp_path / "little")
    path = folder / rng.choice(list(FILES))
    content = bytearray(path.read_bytes())
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(content) + 1)
        match rng.randrange(4):
            case 0:
                del content[at:]
            case 1:
                del content[at : at + rng.randint(1, 30)]
            case 2:
                content[at:at] = rng.choice(WORDS)
            case _:
                content[at : at + 3] = rng.choice(WORDS)
    path.write_bytes(bytes(content))
    network, findings = read_dss_network(folder)
    assert (network is None) == any(f.severity == "error" for f in findings)
    assert all(f.rule.startswith("network.") and f.where and f.message for f in findings)
