from sparewatt.decide.optimise.depot_days import DepotPlanner as DepotPlanner
from sparewatt.decide.rules.unmanaged import plan_unmanaged as plan_unmanaged
from sparewatt.errors import InputError as InputError
from sparewatt.errors import ScenarioError as ScenarioError
from sparewatt.errors import SolverError as SolverError
from sparewatt.errors import SparewattError as SparewattError
from sparewatt.errors import StoreError as StoreError
from sparewatt.finding import Finding as Finding
from sparewatt.inputs.depot.run import read_depot_run as read_depot_run
from sparewatt.inputs.depot.settings import DepotSettings as DepotSettings
from sparewatt.inputs.generate.fleet import generate_fleet as generate_fleet
from sparewatt.inputs.scenario_file import read_scenario as read_scenario
from sparewatt.model.depot import Depot as Depot
from sparewatt.model.depot import DepotChargers as DepotChargers
from sparewatt.model.depot import DepotRun as DepotRun
from sparewatt.model.horizon import Horizon as Horizon
from sparewatt.model.limit import Limit as Limit
from sparewatt.model.schedule import DepotSchedule as DepotSchedule
from sparewatt.model.sessions import Sessions as Sessions
from sparewatt.model.vehicles import Vehicles as Vehicles
from sparewatt.results.run_folder import RunFolder as RunFolder
from sparewatt.results.store import Store as Store
from sparewatt.studies.depot import run_depot as run_depot
from sparewatt.studies.depot_inputs import check_depot as check_depot
from sparewatt.studies.run_place import RunPlace as RunPlace
from sparewatt.verify.depot_schedule import check_depot_schedule as check_depot_schedule

__version__: str
