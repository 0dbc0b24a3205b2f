"""The command line as tests use it: a process of its own, a call in this one, or a fork to be killed."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from sparewatt.inputs.generate.fleet import generate_fleet
from sparewatt.inputs.generate.sites import generate_sites

if TYPE_CHECKING:
    import pytest

TESTS = Path(__file__).parents[1]
KEPT_EVERY_S = 0.05


def clean_environment(**changes: str) -> dict[str, str]:
    """This environment without what would steer Sparewatt or colour its words.

    Python may keep compiled modules, as for any user: the suite starts hundreds of processes, and without
    these each compiles Sparewatt anew.
    """
    left_out = ("SPAREWATT_", "PYTHONDONTWRITEBYTECODE")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(left_out)}
    return {**kept, "COLUMNS": "120", "NO_COLOR": "1", "PYTHONPATH": str(TESTS), **changes}


@dataclass(frozen=True)
class Said:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def words(self) -> str:
        """All that was said, each run of blanks and line ends as one blank."""
        return " ".join((self.out + " " + self.err).split())

    @property
    def json(self) -> Any:
        """The only line of stdout."""
        (line,) = self.out.splitlines()
        return json.loads(line)


def sparewatt(*arguments: object, cwd: Path, code: int | None = 0, **environment: str) -> Said:
    """``python -m sparewatt`` in a process of its own; no traceback ever, and the exit code as expected."""
    done = subprocess.run(
        [sys.executable, "-m", "sparewatt", *map(str, arguments)],
        cwd=cwd,
        env=clean_environment(**environment),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    return _judged(Said(done.returncode, done.stdout, done.stderr), code)


@dataclass(frozen=True)
class Here:
    """The command line called in the process of the test, for what needs no process of its own."""

    folder: Path
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *arguments: object, code: int | None = 0, columns: int = 400) -> Said:
        """Wide by default, so that a table breaks no sentence."""
        from sparewatt.faces.cli.app import run_command_line  # noqa: PLC0415 - not for all who import this
        from sparewatt.faces.cli.console import ERR, OUT  # noqa: PLC0415 - as above

        ERR.width = OUT.width = columns
        self.capsys.readouterr()
        ended = run_command_line([str(a) for a in arguments])
        said = self.capsys.readouterr()
        return _judged(Said(ended, said.out, said.err), code)


def _judged(said: Said, code: int | None) -> Said:
    assert "Traceback" not in said.out + said.err, said.err
    if code is not None:
        assert said.code == code, f"exit code {said.code}\n{said.out}\n{said.err}"
    return said


def write_fleet(
    folder: Path,
    *,
    kinds: tuple[str, ...] = ("vans", "mixed"),
    vehicles: int = 3,
    days: int = 6,
    first_day: date = date(2026, 10, 5),
    day_start_hours: int = 12,
    name: str = "small",
    depot: str = "",
) -> Path:
    """A scenario file with a small generated fleet beside it: an allocation per kind."""
    generate_fleet(
        folder / "tables",
        seed=3,
        kind=kinds,
        vehicles=vehicles,
        allocations=len(kinds),
        days=days,
        first_day=first_day,
        day_start_hours=day_start_hours,
    )
    path = folder / "scenario.toml"
    text = f'version = 1\nstudy = "depot"\nname = "{name}"\nseed = 3\n\n[inputs]\ntables = "tables/"\n'
    path.write_text(f"{text}\n[depot]\n{depot}\n", encoding="utf-8")
    return path


def write_hub(
    folder: Path,
    *,
    control: str = "least_laxity_first",
    units: tuple[int, ...] = (6, 3),
    visits: tuple[int, ...] = (14, 8),
    days: int = 1,
    step_min: int = 5,
    cluster: str = "",
) -> Path:
    """A scenario file with a small generated hub of two clusters beside it, named ``small hub``."""
    path = generate_sites(
        folder,
        seed=3,
        units=units,
        visits_per_day=visits,
        days=days,
        step=timedelta(minutes=step_min),
        as_tables=True,
    )
    text = path.read_text(encoding="utf-8").replace('"Generated hub"', '"small hub"')
    text = text.replace('control = "least_laxity_first"', f'control = "{control}"')
    path.write_text(f"{text}{cluster}\n", encoding="utf-8")
    return path


def run_files(folder: Path) -> dict[str, bytes]:
    """The files of a run that must have the same bytes: outcome, tables, series."""
    paths = [folder / "outcome.json", *folder.glob("tables/*.csv"), *folder.glob("series/*.parquet")]
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(paths)}


def stored_rows(database: Path) -> dict[str, list[tuple[object, ...]]]:
    """Rows of the depot's public tables, measured times left out."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        demand = connection.execute(
            "SELECT * FROM t_charge_demand ORDER BY scenario_id, allocated_vehicle_id, datetime"
        ).fetchall()
        cursor = connection.execute("SELECT * FROM t_charging_scenarios ORDER BY scenario_id")
        timed = [d[0] for d in cursor.description].index("solve_seconds")
        scenarios = [(*row[:timed], *row[timed + 1 :]) for row in cursor]
    return {"t_charge_demand": demand, "t_charging_scenarios": scenarios}


def query(database: Path, sql: str) -> list[tuple[Any, ...]]:
    """A query on a store that may be in use, or not there yet: then nothing.

    What somebody who was killed left half written is rolled back, as by whoever opens the store next.
    """
    if not database.exists():
        return []
    for mode in ("ro", "rw"):
        try:
            with closing(sqlite3.connect(f"file:{database}?mode={mode}", uri=True, timeout=5)) as connection:
                return connection.execute(sql).fetchall()
        except sqlite3.OperationalError as error:
            if "no such table" in str(error):
                return []
            if mode == "rw" or error.sqlite_errorcode != sqlite3.SQLITE_READONLY_ROLLBACK:
                raise
    raise AssertionError


def wait_for(condition: Any, timeout_s: float = 60.0, every_s: float = 0.005) -> None:
    """Wait until something is so."""
    until = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(every_s)


class Forks:
    """A process that has loaded Sparewatt and forks a child per command line; a context manager.

    A child leads a process group of its own, so that it may be killed with its workers, and starts at
    once: what a kill meets is the work, not two seconds of imports.
    """

    def __init__(self, *, hubs: bool = False, neighbourhoods: bool = False) -> None:
        """``hubs``, ``neighbourhoods``: load the compiled kernels of either once, for all children."""
        loaded = [*(["hubs"] if hubs else []), *(["neighbourhoods"] if neighbourhoods else [])]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "support.command_line", *loaded],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=clean_environment(),
            text=True,
        )
        assert self._process.stdout.readline() == "ready\n"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()

    def _ask(self, **what: object) -> int:
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def start(self, *arguments: object, cwd: Path) -> Fork:
        """Begin a command line in ``cwd``."""
        said = cwd / f"said-{time.monotonic_ns()}"
        pid = self._ask(start=[str(a) for a in arguments], cwd=str(cwd), said=str(said))
        return Fork(pid, said, self)

    def end_of(self, pid: int) -> int:
        """Exit code, or minus the signal."""
        return self._ask(wait=pid)


@dataclass(frozen=True)
class Fork:
    """A command line that runs in a fork."""

    pid: int
    said: Path
    forks: Forks

    def workers(self) -> list[int]:
        """Its child processes that plan."""
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                parent = int(stat.read_text().rpartition(")")[2].split()[1])
                command = (stat.parent / "cmdline").read_bytes()
            except OSError:
                continue
            if parent == self.pid and b"spawn_main" in command:
                found.append(int(stat.parent.name))
        return found

    def is_over(self) -> bool:
        """Whether it has ended."""
        try:
            return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
        except OSError:
            return True

    def send(self, number: int) -> None:
        """A signal to the process and its workers, as a terminal or a kernel would."""
        os.killpg(self.pid, number)

    def end(self, code: int | None = 0) -> Said:
        """Wait for its end."""
        ended = self.forks.end_of(self.pid)
        text = self.said.read_text(encoding="utf-8")
        self.said.unlink()
        return _judged(Said(ended, "", text), code)


def _serve() -> None:
    """The process of `Forks`."""
    import sparewatt.faces.cli.app as command_line  # noqa: PLC0415 - in this process only
    import sparewatt.results.report  # noqa: PLC0415 - as above
    import sparewatt.studies.cluster  # noqa: PLC0415 - as above, loaded once for all children
    import sparewatt.studies.depot  # noqa: PLC0415 - as above
    import sparewatt.studies.kept_work as kept  # noqa: PLC0415 - as above

    # The state of a hub is kept every 2 s; here so often that a kill meets one that is being written.
    kept.Checkpoint = partial(kept.Checkpoint, every_s=KEPT_EVERY_S)
    if "hubs" in sys.argv:
        from sparewatt.inputs.cluster.template import example_hub  # noqa: PLC0415 - as above
        from sparewatt.model.operating_rules import OperatingRules  # noqa: PLC0415 - as above
        from sparewatt.simulate.hub import simulate_hub  # noqa: PLC0415 - as above

        for control in ("least_laxity_first", "milp"):
            simulate_hub(*example_hub(), OperatingRules(control=control, reservation="simple", queue=True))

    if "neighbourhoods" in sys.argv:
        import sparewatt.studies.community  # noqa: PLC0415 - as above
        from sparewatt.model.market_rules import Algorithm  # noqa: PLC0415 - as above
        from sparewatt.results import community_export, community_series  # noqa: F401, PLC0415 - as above
        from sparewatt.studies.community_warm import compile_for_market  # noqa: PLC0415 - as above

        compile_for_market(Algorithm.SLSQP)

    # Pictures take longer than all else of a small run; reports are tested in processes of their own.
    sparewatt.results.report.write_report = lambda folder, target=None: target or folder.path / "report.html"
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        what = json.loads(line)
        if "wait" in what:
            status = os.waitpid(what["wait"], 0)[1]
            sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
            sys.stdout.flush()
            continue
        pid = os.fork()
        if pid == 0:
            os.setsid()
            os.chdir(what["cwd"])
            signal.signal(signal.SIGINT, signal.default_int_handler)
            said = os.open(what["said"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(said, 1)
            os.dup2(said, 2)
            code = 3
            try:
                code = command_line.run_command_line(what["start"])
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve()
