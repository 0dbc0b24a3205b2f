"""What an engine cannot model, said before it starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.errors import InputError
from sparewatt.finding import Finding

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.network import Network
    from sparewatt.physics.power_flow import Engine

_SAME = 1e-9


def check_limits(network: Network, engine: Engine) -> None:
    """Raise with every reason for which an engine would solve another network than this one.

    Raises
    ------
    InputError
        Findings of the rule ``network.engine``.
    """
    reasons: list[tuple[str, str]] = []
    branches, transformer = network.branches, network.transformer
    if engine != "sweep":
        reasons += _named(network, (branches.shunt_s.real != 0).any(axis=(1, 2)), "no shunt conductance")
        reasons += _named(network, np.linalg.det(branches.z_ohm) == 0, "no branch without impedance")
    if engine == "power_grid_model":
        turned = np.abs(branches.z_ohm - branches.z_ohm.transpose(0, 2, 1)).max(axis=(1, 2), initial=0.0)
        size = np.abs(branches.z_ohm).max(axis=(1, 2), initial=0.0)
        reasons += _named(network, turned > _SAME * size, "no impedance matrix that is not symmetric")
        if transformer.neutral_ohm != 0 and transformer.magnetising_s != 0:
            reasons.append((f"transformer {transformer.id}", "no magnetising beside a neutral impedance"))
    if reasons:
        raise InputError(
            [
                Finding(
                    "network.engine",
                    "error",
                    where,
                    f"the engine {engine} takes {what}",
                    remedy='engine = "sweep"',
                )
                for where, what in reasons
            ]
        )


def _named(network: Network, broken: NDArray[np.bool_], what: str) -> list[tuple[str, str]]:
    """The branches concerned."""
    return [(f"branch {network.branches.ids[row]}", what) for row in np.flatnonzero(broken).tolist()]
