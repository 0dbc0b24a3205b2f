"""Sparewatt finds the spare watts of a site, hub, street or roof and fits flexible load into them.

The public names stand below; each is loaded when it is first used, so that importing the package is
cheap and the nouns need numpy only.

For example ``from sparewatt import read_scenario, run_depot``; types stand in ``__init__.pyi``.
"""

from __future__ import annotations

from importlib import import_module

__version__ = "0.1.0"

_HOMES = {
    "ChargingTask": "decide.optimise.cluster_single",
    "ClusterSettings": "inputs.cluster.settings",
    "ClusterSystem": "model.cluster_system",
    "ClusterView": "results.cluster_view",
    "CommunityRun": "results.community_view",
    "CommunitySettings": "inputs.community.settings",
    "ControlView": "model.control_view",
    "Customers": "model.customers",
    "Depot": "model.depot",
    "DepotChargers": "model.depot",
    "DepotPlanner": "decide.optimise.depot_days",
    "DepotRun": "model.depot",
    "DepotSchedule": "model.schedule",
    "DepotSettings": "inputs.depot.settings",
    "EvSchedule": "model.ev_schedule",
    "EvSessions": "model.ev_sessions",
    "Evses": "model.evses",
    "Feeders": "model.feeders",
    "Finding": "finding",
    "Fleet": "model.fleet",
    "FlowWant": "physics.power_flow",
    "Headroom": "model.headroom",
    "HeadroomSettings": "model.headroom",
    "Horizon": "model.horizon",
    "HubSimulation": "simulate.hub",
    "InputError": "errors",
    "Limit": "model.limit",
    "Neighbourhood": "model.neighbourhood",
    "NeighbourhoodPlan": "inputs.generate.neighbourhood_plan",
    "Network": "model.network",
    "NetworkSettings": "inputs.network.settings",
    "NetworkView": "results.network_view",
    "OperatingRules": "model.operating_rules",
    "PowerTable": "model.power_table",
    "RunFolder": "results.run_folder",
    "RunPlace": "studies.run_place",
    "ScenarioError": "errors",
    "Sessions": "model.sessions",
    "Setpoints": "model.control_view",
    "SolverError": "errors",
    "SparewattError": "errors",
    "Store": "results.store",
    "StoreError": "errors",
    "Trace": "model.trace",
    "Traffic": "model.cluster_system",
    "Vehicles": "model.vehicles",
    "Zones": "model.feeders",
    "check_cluster": "studies.cluster_inputs",
    "check_community": "studies.community_inputs",
    "check_depot": "studies.depot_inputs",
    "check_depot_schedule": "verify.depot_schedule",
    "check_ev_schedule": "verify.network_schedule",
    "check_network": "studies.network_inputs",
    "check_trace": "verify.cluster_trace",
    "draw_sites": "inputs.generate.sites",
    "engine_for": "physics.engines",
    "find_feeders": "physics.topology",
    "find_potential": "decide.optimise.cluster_potential",
    "find_zones": "physics.topology",
    "generate_fleet": "inputs.generate.fleet",
    "generate_neighbourhood": "inputs.generate.neighbourhood",
    "generate_sites": "inputs.generate.sites",
    "outcome_sentences": "results.words",
    "plan_cheapest": "decide.optimise.cluster_single",
    "plan_in_band": "decide.optimise.cluster_single",
    "plan_plug_in": "decide.rules.plug_in",
    "plan_rescheduling": "decide.optimise.cluster_rescheduling",
    "plan_reservation": "decide.optimise.cluster_reservation",
    "plan_routing": "decide.optimise.cluster_routing",
    "plan_two_prices": "decide.optimise.cluster_single",
    "plan_unmanaged": "decide.rules.unmanaged",
    "plan_zone_charging": "decide.optimise.network_charging",
    "price_reservation": "decide.optimise.cluster_pricing",
    "read_depot_run": "inputs.depot.run",
    "read_dss_network": "inputs.network.dss",
    "read_neighbourhood": "inputs.community.read",
    "read_pandapower_network": "inputs.network.pandapower",
    "read_scenario": "inputs.scenario_file",
    "read_simbench_network": "inputs.network.simbench",
    "run_cluster": "studies.cluster",
    "run_community": "studies.community",
    "run_depot": "studies.depot",
    "run_network": "studies.network",
    "schedule_of_days": "model.depot_day",
    "settle_market": "simulate.settlement",
    "simulate_hub": "simulate.hub",
    "simulate_neighbourhood": "simulate.community_market",
    "write_cluster_template": "inputs.cluster.template",
    "write_community_template": "inputs.community.template",
    "write_depot_template": "inputs.depot.template",
    "write_neighbourhood": "inputs.community.write",
    "write_network_template": "inputs.network.template",
}

__all__ = ["__version__"]
__all__ += list(_HOMES)


def __getattr__(name: str) -> object:
    """Load a public name from its home."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'sparewatt' has no attribute {name!r}")
    return getattr(import_module(f"sparewatt.{home}"), name)
