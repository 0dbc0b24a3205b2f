"""schemathesis over the whole API: every operation keeps to its own description."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import CHECKS
from schemathesis.generation import GenerationMode

from sparewatt.results.store import Store
from support.api_server import api_server, run_fleet

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = "a-secret-of-many-signs"
BEARER = {"authorization": f"Bearer {TOKEN}"}
# What breaks a rule that a JSON schema cannot say (which inputs a study needs, what a series holds, where a
# folder is) is refused with 422 and findings, although its form is right.
RULES_BEYOND_FORM = (
    *("POST /checks", "POST /runs", "POST /uploads", "POST /bundles"),
    *("POST /neighbourhoods", "PUT /neighbourhoods", "GET /runs/{run_id}/series/{name}/window"),
    "GET /runs/{run_id}/tables/{name}",
)


@pytest.fixture(scope="module")
def api_schema(tmp_path_factory: pytest.TempPathFactory) -> Iterator[schemathesis.BaseSchema]:
    """The schema of a server that holds a run that is done, one that is cancelled, and a neighbourhood."""
    folder = tmp_path_factory.mktemp("schema")
    data, url = folder / "data", str(folder / "store.db")
    run_fleet(folder / "fleet", url, data, vehicles=2, days=2, kinds=("vans",))
    with Store.open(url) as store:
        store.create_run(study="network", name="stopped", state="cancelled")
        store.create_neighbourhood("Nobody's", {})
    with api_server(url, data, token=TOKEN) as address:
        yield schemathesis.openapi.from_url(f"{address}/openapi.json", headers=BEARER)


def test_everything_is_described_with_examples(api_schema: schemathesis.BaseSchema) -> None:
    schema = api_schema.raw_schema
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            said = f"{method} {path}"
            assert operation["description"], said
            assert all(one["description"] for one in operation.get("parameters", ())), said
            answers = operation["responses"]
            assert {"403", "500"} < set(answers), said
            assert ("401" in answers) is (path != "/health"), said
            assert ("404" in answers) or "{" not in path, said
            for status, answer in answers.items():
                assert answer["description"], said
                if status >= "400":
                    problem = answer["content"]["application/problem+json"]
                    assert problem["example"]["status"] == int(status), said
                    assert problem["example"]["detail"], said
    assert "413" not in schema["paths"]["/runs"]["get"]["responses"]
    for name, model in schema["components"]["schemas"].items():
        assert model["description"], name
        for key, field in model.get("properties", {}).items():
            assert field.get("description") or "$ref" in field, (name, key)
    asked = schema["components"]["schemas"]["RunBody"]["properties"]
    assert all(field["examples"] for field in asked.values())


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_every_operation_keeps_to_its_description(
    api_schema: schemathesis.BaseSchema, mode: GenerationMode
) -> None:
    """Cases of the right and of the wrong form: no server error, answers as described, wrong ones refused."""
    operations = [found.ok() for found in api_schema.get_all_operations()]
    assert len(operations) > 30
    tried = Counter({operation.label: _try(operation, mode) for operation in operations})
    assert sum(tried.values()) > 150, tried
    assert len([label for label, cases in tried.items() if cases]) > 25, tried


def _try(operation: Any, mode: GenerationMode) -> int:
    """Cases of one operation that kept to its description."""
    kept = 0
    names = [
        "ignored_auth"
    ]  # it asks again with the headers that are given here; test_api_safety does it well
    if operation.label.startswith(RULES_BEYOND_FORM):
        names.append("positive_data_acceptance")
    excluded = CHECKS.get_by_names(names)

    @settings(
        max_examples=7,
        deadline=None,
        derandomize=True,
        database=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def attempt(case: schemathesis.Case) -> None:
        nonlocal kept
        case.call_and_validate(headers=BEARER, excluded_checks=excluded, timeout=60)
        kept += 1

    try:
        attempt()
    except (Unsatisfiable, schemathesis.errors.InvalidSchema):
        assert mode is GenerationMode.NEGATIVE  # nothing is wrong for an operation that takes nothing
    return kept
