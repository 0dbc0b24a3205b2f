"""The engines by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sparewatt.model.network import Network
    from sparewatt.physics.power_flow import Engine, Form, PowerFlow


def engine_for(
    name: Engine, network: Network, *, tolerance_pu: float = 1e-8, workers: int = 1, form: Form = "tree"
) -> PowerFlow:
    """An engine that holds one network.

    Parameters
    ----------
    name
        ``"sweep"`` (radial, the fast one), ``"opendss"`` or ``"power_grid_model"`` (any topology).
    network
        The network; it is not changed.
    tolerance_pu
        How far voltages may be off [pu].
    workers
        Threads, where the engine has any; results do not depend on it.
    form
        Of the sweep alone: ``"tree"``, or ``"matrix"``, the load-to-load impedance matrix in plain numpy,
        slower at any size and there to check the first.

    Raises
    ------
    InputError
        The engine cannot model the network: loops, islands with loads, or what `network.engine` names.
    """
    # Each engine is loaded when it is asked for: they are heavy.
    if name == "sweep" and form == "matrix":
        from sparewatt.physics.impedance_form import ImpedanceForm  # noqa: PLC0415

        return ImpedanceForm(network, tolerance_pu=tolerance_pu)
    if name == "sweep":
        from sparewatt.physics.sweep import Sweep  # noqa: PLC0415

        return Sweep(network, tolerance_pu=tolerance_pu, workers=workers)
    if name == "opendss":
        from sparewatt.physics.opendss_engine import OpenDss  # noqa: PLC0415

        return OpenDss(network, tolerance_pu=tolerance_pu)
    if name == "power_grid_model":
        from sparewatt.physics.pgm_engine import PowerGridModelEngine  # noqa: PLC0415

        return PowerGridModelEngine(network, tolerance_pu=tolerance_pu, workers=workers)
    raise ValueError(f"no engine {name!r}; there are sweep, opendss and power_grid_model")
