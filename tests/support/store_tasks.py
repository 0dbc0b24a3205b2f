"""Processes for the tests of the store: they claim, commit, and are killed."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from sparewatt.results.store import Store, current_owner
from support import store_rows


def claim_all(url: str, run_id: int, out: str) -> None:
    """Claim until nothing is left; waits at a gate so that two start together."""
    with Store.open(url) as store:
        Path(out).with_suffix(".ready").touch()
        while not Path(out).with_name("go").exists():
            time.sleep(0.001)
        won = []
        while (scenario := store.claim_scenario(run_id, current_owner())) is not None:
            won.append(str(scenario.scenario_id))
            time.sleep(0.002)  # SQLite lets a waiting writer wait long; the race is the point
        Path(out).write_text(" ".join(won))


def claim_runs(url: str, run_ids: list[int], out: str) -> None:
    """Claim whole runs, each as often as it may be won; waits at a gate so that two start together."""
    with Store.open(url) as store:
        Path(out).with_suffix(".ready").touch()
        while not Path(out).with_name("go").exists():
            time.sleep(0.001)
        won = []
        for run_id in run_ids:
            if store.claim_run(run_id, current_owner()) is not None:
                won.append(str(run_id))
            time.sleep(0.002)
        Path(out).write_text(" ".join(won))


def commit_days(url: str, run_id: int, days: int) -> None:
    """What a worker does: claim, go on after the last committed day, finish."""
    owner = current_owner()
    with Store.open(url) as store:
        assert store_rows.demand(0).num_rows  # imports and zones are loaded before the clock starts
        sys.stdout.write("open\n")
        sys.stdout.flush()
        while (scenario := store.claim_scenario(run_id, owner)) is not None:
            scenario_id = scenario.scenario_id
            done = store.committed_days(scenario_id)
            state = done[-1].state if done else b"0"
            for day in range(len(done), days):
                assert state == str(day).encode()
                state = str(day + 1).encode()
                table = store_rows.demand(day)
                store.commit_day(scenario_id, owner, day, table, store_rows.report(day), state)
            store.finish_scenario(scenario_id, owner, store_rows.summary(cost=float(days)))
        sys.stdout.write("done\n")


if __name__ == "__main__":
    if sys.argv[1] == "claim_all":
        claim_all(sys.argv[2], int(sys.argv[3]), sys.argv[4])
    elif sys.argv[1] == "claim_runs":
        claim_runs(sys.argv[2], [int(number) for number in sys.argv[3].split(",")], sys.argv[4])
    else:
        commit_days(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
