"""The decider of each control rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.model.operating_rules import KERNEL_CONTROLS

if TYPE_CHECKING:
    from sparewatt.model.control_view import Decider
    from sparewatt.model.operating_rules import OperatingRules


def decider_for(rules: OperatingRules) -> Decider:
    """Make the decider of ``rules.control``; solvers are imported only where one is asked for."""
    if rules.control in KERNEL_CONTROLS:
        from sparewatt.decide.rules.rule_decider import RuleDecider  # noqa: PLC0415 - kernels load late

        return RuleDecider(rules.control)
    from sparewatt.decide.optimise import cluster_deciders  # noqa: PLC0415 - solvers load late

    if rules.control == "milp":
        return cluster_deciders.ClusterMilp(rules)
    if rules.control == "feasible_milp":
        return cluster_deciders.FeasibleMilp(rules)
    return cluster_deciders.CentralMilp(rules)
