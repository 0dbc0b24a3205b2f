"""Study: what every study can do, so that faces have one path for all of them.

A study is loaded when something is asked of it; naming it costs nothing.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sparewatt.finding import Finding
    from sparewatt.inputs.scenario import Scenario
    from sparewatt.studies.finished_run import FinishedRun
    from sparewatt.studies.run_place import RunPlace
    from sparewatt.tasks import Cancel


class RunStudy(Protocol):
    """How every study is run."""

    def __call__(
        self,
        scenario: Scenario,
        place: RunPlace,
        *,
        resume: bool = False,
        on_start: Callable[[int, tuple[str, ...]], None] | None = None,
        on_progress: Callable[[int, float], None] | None = None,
        cancel: Cancel | None = None,
    ) -> FinishedRun:
        """Run a scenario to its end; parameters and errors as of `studies.depot.run_depot`."""


class Study(ABC):
    """A kind of question, from its scenario file to its report."""

    name: ClassVar[str]
    """As in a scenario file."""

    @abstractmethod
    def write_template(self, directory: Path) -> tuple[Path, ...]:
        """Write a commented scenario file with inputs that run; the files, the scenario file first."""

    @abstractmethod
    def check(self, scenario: Scenario, store_url: str) -> tuple[Finding, ...]:
        """All findings of a scenario and its inputs; nothing is run and nothing is written."""

    @property
    @abstractmethod
    def run(self) -> RunStudy:
        """Runs a scenario to its end."""

    def workers(self, scenario: Scenario) -> int:
        """Processes that a scenario asks for, in the study's table."""
        workers: int = getattr(scenario, self.name).workers
        return workers

    def variant(self, directory: Path) -> str:
        """What tells runs of one scenario apart, from the folder of a run; empty where nothing does."""
        del directory
        return ""


class _Depot(Study):
    """The charging of a fleet from its routes."""

    name = "depot"

    def write_template(self, directory: Path) -> tuple[Path, ...]:
        from sparewatt.inputs.depot.template import write_depot_template  # noqa: PLC0415 - loaded when asked

        return write_depot_template(directory)

    def check(self, scenario: Scenario, store_url: str) -> tuple[Finding, ...]:
        from sparewatt.studies.depot_inputs import check_depot  # noqa: PLC0415 - loaded when asked

        return check_depot(scenario, store_url)

    @property
    def run(self) -> RunStudy:
        from sparewatt.studies.depot import run_depot  # noqa: PLC0415 - loaded when asked

        return run_depot


class _Cluster(Study):
    """Charging hubs with reservations and real-time control."""

    name = "cluster"

    def write_template(self, directory: Path) -> tuple[Path, ...]:
        from sparewatt.inputs.cluster.template import write_cluster_template  # noqa: PLC0415 - loaded when asked

        return write_cluster_template(directory)

    def check(self, scenario: Scenario, store_url: str) -> tuple[Finding, ...]:
        from sparewatt.studies.cluster_inputs import check_cluster  # noqa: PLC0415 - loaded when asked

        return check_cluster(scenario, store_url)

    @property
    def run(self) -> RunStudy:
        from sparewatt.studies.cluster import run_cluster  # noqa: PLC0415 - loaded when asked

        return run_cluster

    def variant(self, directory: Path) -> str:
        """The control rule."""
        from sparewatt.studies.cluster_inputs import find_control  # noqa: PLC0415 - loaded when asked

        return find_control(directory)


class _Network(Study):
    """The headroom of a low-voltage network, filled and proved by power flow."""

    name = "network"

    def write_template(self, directory: Path) -> tuple[Path, ...]:
        from sparewatt.inputs.network.template import write_network_template  # noqa: PLC0415 - loaded when asked

        return write_network_template(directory)

    def check(self, scenario: Scenario, store_url: str) -> tuple[Finding, ...]:
        from sparewatt.studies.network_inputs import check_network  # noqa: PLC0415 - loaded when asked

        del store_url
        return check_network(scenario)

    @property
    def run(self) -> RunStudy:
        from sparewatt.studies.network import run_network  # noqa: PLC0415 - loaded when asked

        return run_network


class _Community(Study):
    """Neighbours who trade their solar power."""

    name = "community"

    def write_template(self, directory: Path) -> tuple[Path, ...]:
        from sparewatt.inputs.community.template import write_community_template  # noqa: PLC0415 - loaded when asked

        return write_community_template(directory)

    def check(self, scenario: Scenario, store_url: str) -> tuple[Finding, ...]:
        from sparewatt.studies.community_inputs import check_community  # noqa: PLC0415 - loaded when asked

        del store_url
        return check_community(scenario)

    @property
    def run(self) -> RunStudy:
        from sparewatt.studies.community import run_community  # noqa: PLC0415 - loaded when asked

        return run_community

    def variant(self, directory: Path) -> str:
        """The algorithm."""
        from sparewatt.studies.community_inputs import find_algorithm  # noqa: PLC0415 - loaded when asked

        return find_algorithm(directory)


STUDIES: dict[str, Study] = {study.name: study for study in (_Depot(), _Cluster(), _Network(), _Community())}
"""The studies of this version, by name."""


def study_of(scenario: Scenario) -> Study:
    """The study that a scenario asks for."""
    return STUDIES[scenario.study]
