"""Forms of the scenario model: fields, drafts, what a change means, whose a finding is."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from sparewatt.faces.web.parts.form import scenario_form
from sparewatt.faces.web.parts.form_draft import changed_draft, shown_values
from sparewatt.faces.web.parts.form_fields import leaf_fields, scenario_fields
from sparewatt.faces.web.parts.form_inputs import FormChoices, hint
from sparewatt.faces.web.parts.form_rows import field_of_place, with_row, without_row
from sparewatt.faces.web.parts.form_text import draft_of_text, draft_text, inline_value
from sparewatt.faces.web.parts.form_words import GROUPS, LABELS
from sparewatt.inputs.scenario import STUDIES, ScenarioFile
from sparewatt.inputs.scenario_template import scenario_template

if TYPE_CHECKING:
    from sparewatt.faces.web.parts.form_fields import FormField


def field(study: str, path: str) -> FormField:
    return next(one for one in leaf_fields(scenario_fields(study)) if one.path == path)


def change(study: str, draft: dict[str, Any], **values: Any) -> dict[str, Any]:
    fields = scenario_fields(study)
    shown = shown_values(draft, fields)
    held = shown | {path.replace("__", "."): value for path, value in values.items()}
    return changed_draft(draft, fields, held, shown)


@pytest.mark.parametrize("study", STUDIES)
def test_every_setting_has_a_field_with_its_default(study: str) -> None:
    model = ScenarioFile.model_fields[study].default
    tops = {path.split(".")[1] for f in scenario_fields(study) if (path := f.path).startswith(f"{study}.")}
    assert tops == set(type(model).model_fields)
    draft = {"version": 1, "study": study}
    assert change(study, draft) == draft
    held = shown_values(draft, scenario_fields(study))
    again = changed_draft({**draft, study: {}}, scenario_fields(study), held, dict.fromkeys(held, object()))
    assert ScenarioFile.model_validate({k: v for k, v in again.items() if k != "inputs"}) == (
        ScenarioFile.model_validate(draft)
    )
    keys = {key for _, group in GROUPS[study] for key in group}
    assert keys <= tops
    assert all(one.label and one.help for one in leaf_fields(scenario_fields(study)))


def test_labels_name_paths_that_are() -> None:
    paths = {one.path for study in STUDIES for one in leaf_fields(scenario_fields(study))}
    paths |= {one.path for study in STUDIES for one in scenario_fields(study)}
    assert [path for path in LABELS if "*" not in path and path not in paths] == []


@pytest.mark.parametrize("study", STUDIES)
def test_the_example_stays_the_same_through_text_and_form(study: str) -> None:
    draft = draft_of_text(scenario_template(study))
    assert tomllib.loads(draft_text(draft)) == draft
    assert change(study, draft) == draft
    assert scenario_form(study, scenario_fields(study), draft, FormChoices())


def test_a_change_sets_one_key_and_the_default_takes_it_out() -> None:
    draft = {"version": 1, "study": "depot", "depot": {"gap": 0.01, "horizn": 3}}
    now = change("depot", draft, depot__horizon_days=2.0, depot__magic_fill=True, name="A")
    assert now == {
        **draft,
        "name": "A",
        "depot": {"gap": 0.01, "horizn": 3, "horizon_days": 2, "magic_fill": True},
    }
    assert isinstance(now["depot"]["horizon_days"], int)
    assert change("depot", now, depot__horizon_days=1, depot__gap="")["depot"] == {
        "horizn": 3,
        "magic_fill": True,
    }
    assert draft["depot"] == {"gap": 0.01, "horizn": 3}


def test_values_that_the_model_refuses_stay_until_somebody_changes_them() -> None:
    draft = {"version": 1, "study": "depot", "depot": {"gap": "much", "magic_fill": "yes"}}
    assert shown_values(draft, scenario_fields("depot"))["depot.gap"] == ""
    assert change("depot", draft, depot__workers=2)["depot"] == {
        "gap": "much",
        "magic_fill": "yes",
        "workers": 2,
    }


def test_lists_numbers_or_texts_and_nested_tables() -> None:
    draft: dict[str, Any] = {"version": 1, "study": "network"}
    now = change(
        "network",
        draft,
        network__validate_days="all",
        network__hosting__samples=5,
        network__hosting__penetrations=["0.5", "many"],
        network__cases=["0PV0HP"],
    )
    assert now["network"] == {
        "validate_days": "all",
        "hosting": {"samples": 5, "penetrations": [0.5, "many"]},
        "cases": ["0PV0HP"],
    }
    assert change("network", now, network__validate_days="3")["network"]["validate_days"] == 3
    back = change("network", now, network__hosting__samples=100, network__hosting__penetrations=[])
    assert back["network"]["hosting"] == {"penetrations": []}  # nothing is not the default
    shown = shown_values({"study": "network"}, scenario_fields("network"))
    default = shown["network.hosting.penetrations"]
    assert "hosting" not in change("network", back, network__hosting__penetrations=default)["network"]
    assert inline_value("{ default = 1, system = 2.5 }") == {"default": 1, "system": 2.5}


def test_rows_are_added_named_changed_and_taken_out() -> None:
    limits = field("cluster", "limits")
    draft: dict[str, Any] = {"version": 1, "study": "cluster"}
    two = with_row(with_row(draft, limits, "cluster1"), limits, "cluster1")
    assert two["limits"] == {"cluster1": {"run": ""}, "cluster1_2": {"run": ""}}
    now = change("cluster", two, **{"limits.1.@": "cluster2", "limits.1.run": "7", "limits.1.zone": "1/2"})
    assert now["limits"] == {"cluster1": {"run": ""}, "cluster2": {"run": "7", "zone": "1/2"}}
    assert without_row(now, limits, 0)["limits"] == {"cluster2": {"run": "7", "zone": "1/2"}}
    assert "limits" not in without_row(without_row(now, limits, 0), limits, 0)
    rows = with_row(draft, field("cluster", "cluster.system_limits"))
    rows = change("cluster", rows, **{"cluster.system_limits.0.upper_kw": 80})
    assert rows["cluster"]["system_limits"] == [{"upper_kw": 80}]
    assert ScenarioFile.model_validate(rows).cluster.system_limits[0].upper_kw == 80


def test_findings_find_their_fields() -> None:
    fields = scenario_fields("cluster")
    draft = {"limits": {"a.b": {"run": ""}, "c": {"run": "1"}}, "cluster": {"system_limits": [{}]}}
    for where, path in {
        "cluster.step": "cluster.step",
        "cluster.penalties.excess_per_kw": "cluster.penalties.excess_per_kw",
        "cluster.system_limits.0.upper_kw": "cluster.system_limits.0.upper_kw",
        "limits.a.b.run": "limits.0.run",
        "limits.c": "limits.1.@",
        "limits.c (run '1')": "limits.1.@",
        "cluster.stepp": "",
        "Fleet row 3, column ev_id": "",
        "inputs.workbook": "inputs.workbook",
    }.items():
        assert field_of_place(where, draft, fields) == path, where


def test_hints_tell_bounds_and_defaults() -> None:
    assert hint(field("depot", "depot.horizon_days")).endswith("1 to 14, default 1")
    assert "Above 0, at most 1, default 0.9" in hint(field("depot", "depot.efficiency"))
    assert field("depot", "depot.default_price").unit == "currency/kWh"
    assert "(network)" not in hint(field("network", "inputs.master"))


def test_text_that_is_no_toml_is_told() -> None:
    with pytest.raises(ValueError, match=r"not TOML.*line 1"):
        draft_of_text("name = two vans")
    assert draft_of_text("start = 2026-01-12\n") == {"start": "2026-01-12"}
