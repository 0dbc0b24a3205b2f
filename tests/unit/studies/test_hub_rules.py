"""Rules compared: the same hub under other rules, queued as a whole or not at all, and found again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sparewatt.errors import InputError
from sparewatt.inputs.scenario_file import read_scenario
from sparewatt.model.operating_rules import CONTROLS
from sparewatt.results.control_words import CONTROL_WORDS, control_label
from sparewatt.results.run_folder import RunFolder
from sparewatt.results.setting_differences import setting_differences
from sparewatt.results.store import Store
from sparewatt.studies.hub_rules import _is_same, find_rule_runs, submit_rules
from sparewatt.studies.submission import submit_run
from support.command_line import write_hub


def test_the_same_hub_under_other_rules(tmp_path: Path) -> None:
    url, data = str(tmp_path / "sparewatt.db"), tmp_path / "data"
    scenario = read_scenario(write_hub(tmp_path / "in"))
    first = submit_run(scenario, url, data)
    submit_run(scenario.model_copy(update={"seed": 99}), url, data)  # other runs that are not like it
    submit_run(read_scenario(write_hub(tmp_path / "other", visits=(15, 8))), url, data)
    with Store.open(url) as store:
        assert list(find_rule_runs(store, first)) == ["least_laxity_first"]
        numbers = submit_rules(url, data, first.id, ["equal_share", "uncontrolled"])
        runs = [store.find_run(number) for number in numbers]
        assert [run.name for run in runs] == ["small hub · equal shares", "small hub · no control"]
        assert {run.seed for run in runs} == {first.seed}
        assert len({run.input_hash for run in (first, *runs)}) == 3  # the rule counts
        folders = [RunFolder(Path(run.directory)) for run in (first, *runs)]
        assert [(one.key, one.values) for one in setting_differences(folders)] == [
            ("cluster.control", ("least_laxity_first", "equal_share", "uncontrolled"))
        ]
        found = find_rule_runs(store, first)
        assert list(found) == ["uncontrolled", "least_laxity_first", "equal_share"]
        assert found["equal_share"].id == numbers[0]

        store.set_run_state(numbers[0], "failed", error="no")
        again = submit_rules(url, data, numbers[1], ["equal_share"])  # from one of them, with a plain name
        assert store.find_run(again[0]).name == "small hub · equal shares"
        assert find_rule_runs(store, first)["equal_share"].id == again[0]
        store.set_run_state(again[0], "done")
        submit_rules(url, data, first.id, ["equal_share"])
        assert find_rule_runs(store, first)["equal_share"].id == again[0]  # done goes before queued

        with (Path(first.directory) / "inputs" / "hub" / "Fleet.csv").open("a") as fleet:
            fleet.write("\n")
        assert list(find_rule_runs(store, first)) == ["least_laxity_first"]  # not the same bytes any more


def test_what_cannot_be_run_again_is_refused_whole(tmp_path: Path) -> None:
    url, data = str(tmp_path / "sparewatt.db"), tmp_path / "data"
    first = submit_run(read_scenario(write_hub(tmp_path / "in")), url, data)
    with Store.open(url) as store:
        for rule, word in (("fastest_first", "fastest_first"), ("milp=x", "milp")):
            with pytest.raises(InputError, match=word):
                submit_rules(url, data, first.id, ["uncontrolled", rule])
        (Path(first.directory) / "inputs" / "hub" / "Fleet.csv").unlink()
        with pytest.raises(InputError, match="Fleet"):
            submit_rules(url, data, first.id, ["uncontrolled"])
        (Path(first.directory) / "scenario.toml").unlink()
        with pytest.raises(InputError, match="keeps no copy of its inputs"):
            submit_rules(url, data, first.id, ["uncontrolled"])
        assert find_rule_runs(store, first) == {}
        assert find_rule_runs(store, replace(first, directory="")) == {}
        assert len(store.list_runs().runs) == 1


def test_a_limit_of_the_latest_run_is_the_same_as_its_number() -> None:
    one = {"seed": "1", "limits.C1.run": "latest:Street", "limits.C1.zone": "a"}
    assert _is_same(one, one | {"limits.C1.run": "4"})
    assert not _is_same(one | {"limits.C1.run": "3"}, one | {"limits.C1.run": "4"})
    assert not _is_same(one, one | {"limits.C1.zone": "b"})
    assert not _is_same(one, {"seed": "1"})


def test_every_rule_has_words() -> None:
    assert tuple(CONTROL_WORDS) == CONTROLS
    assert len({words.label for words in CONTROL_WORDS.values()}) == len(CONTROLS)
    assert all(words.meaning.endswith(".") for words in CONTROL_WORDS.values())
    assert (control_label("milp"), control_label("mine")) == ("optimised per cluster (MILP)", "mine")
