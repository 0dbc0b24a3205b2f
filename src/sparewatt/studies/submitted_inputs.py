"""What a study reads of a scenario that is to be queued: findings, hash, and how its inputs are copied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparewatt.finding import Finding, sorted_findings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sparewatt.inputs.scenario import Scenario
    from sparewatt.results.store import NewScenario

    Found = tuple["SubmittedInputs | None", tuple[Finding, ...]]


@dataclass(frozen=True)
class SubmittedInputs:
    """The inputs of a scenario without errors.

    Parameters
    ----------
    digest
        Their hash.
    copy
        Writes scenario file and inputs into a folder.
    scenarios
        What a depot run plans, each with a number of its own in the store.
    """

    digest: str
    copy: Callable[[Path], None]
    scenarios: tuple[NewScenario, ...] = ()


def read_submitted(scenario: Scenario, store_url: str) -> Found:
    """Read the inputs of a scenario; ``None`` where any finding is an error, and all findings.

    Parameters
    ----------
    scenario
        What is to be queued.
    store_url
        Where the runs are whose limits the scenario takes.
    """
    return _READ[scenario.study](scenario, store_url)


def _read_depot(scenario: Scenario, store_url: str) -> Found:
    from sparewatt.inputs.depot.input_hash import hash_depot_inputs  # noqa: PLC0415 - of one study
    from sparewatt.studies.depot_inputs import copy_depot_inputs, new_scenarios, read_depot  # noqa: PLC0415 - as above

    run, findings = read_depot(scenario, store_url)
    if scenario.depot.scenario_ids:
        again = Finding(
            "depot.scenario_ids.queued",
            "error",
            "depot.scenario_ids",
            "scenarios are made anew by `sparewatt run`, not from the queue",
            ", ".join(map(str, scenario.depot.scenario_ids)),
            "leave scenario_ids out, or use `sparewatt run`",
        )
        return None, sorted_findings([*findings, again])
    if run is None:
        return None, findings
    depot = run
    return (
        SubmittedInputs(
            hash_depot_inputs(depot, scenario.depot),
            lambda directory: copy_depot_inputs(scenario, depot, directory),
            tuple(new_scenarios(depot)),
        ),
        findings,
    )


def _read_cluster(scenario: Scenario, store_url: str) -> Found:
    from sparewatt.inputs.cluster.input_hash import hash_cluster_inputs  # noqa: PLC0415 - of one study
    from sparewatt.studies.cluster_inputs import copy_cluster_inputs, read_hub  # noqa: PLC0415 - as above

    inputs, findings = read_hub(scenario, store_url)
    if inputs is None:
        return None, findings
    copy = SubmittedInputs(hash_cluster_inputs(inputs), lambda folder: copy_cluster_inputs(scenario, folder))
    return copy, findings


def _read_network(scenario: Scenario, store_url: str) -> Found:
    from sparewatt.inputs.network.input_hash import hash_network_inputs  # noqa: PLC0415 - of one study
    from sparewatt.studies.network_inputs import (  # noqa: PLC0415 - as above
        copy_network_inputs,
        read_network_scenario,
    )

    del store_url
    inputs, findings = read_network_scenario(scenario)
    if inputs is None:
        return None, findings
    digest = hash_network_inputs(inputs, scenario.seed)
    return SubmittedInputs(digest, lambda folder: copy_network_inputs(scenario, folder)), findings


def _read_community(scenario: Scenario, store_url: str) -> Found:
    from sparewatt.studies.community_inputs import (  # noqa: PLC0415 - of one study
        copy_community_inputs,
        hash_run,
        read_community_scenario,
    )
    from sparewatt.studies.community_scores import with_kept_scores  # noqa: PLC0415 - as above

    inputs, findings = read_community_scenario(scenario)
    if inputs is None:
        return None, findings
    community = with_kept_scores(inputs, scenario, store_url)
    digest = hash_run(community, scenario.seed)
    return SubmittedInputs(
        digest, lambda folder: copy_community_inputs(scenario, community, folder)
    ), findings


_READ: dict[str, Callable[[Scenario, str], Found]] = {
    "depot": _read_depot,
    "cluster": _read_cluster,
    "network": _read_network,
    "community": _read_community,
}
