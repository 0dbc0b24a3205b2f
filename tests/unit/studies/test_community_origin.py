"""Which neighbourhood of the store a run came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.inputs.community.read import read_neighbourhood
from sparewatt.results.store import Store
from sparewatt.studies.community_inputs import COPY_FOLDER
from sparewatt.studies.community_origin import find_origin
from sparewatt.studies.community_store import keep_neighbourhood, write_out_neighbourhood
from sparewatt.studies.study import STUDIES

if TYPE_CHECKING:
    from pathlib import Path


def test_the_copy_of_a_run_tells_where_it_came_from(tmp_path: Path) -> None:
    STUDIES["community"].write_template(tmp_path / "example")
    neighbourhood, _ = read_neighbourhood(tmp_path / "example" / "neighbourhood")
    assert neighbourhood is not None
    with Store.open(tmp_path / "store.db") as store:
        kept = keep_neighbourhood(store, neighbourhood, steps=None)
        run = tmp_path / "run"
        write_out_neighbourhood(store, kept.id, run / COPY_FOLDER)
        found = find_origin(store, run)
        assert found is not None
        assert found.id == kept.id
        assert find_origin(store, tmp_path / "another run") is None
        store.delete_neighbourhood(kept.id)
        assert find_origin(store, run) is None
