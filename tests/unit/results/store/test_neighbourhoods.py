from __future__ import annotations

import zlib
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import create_engine, text

from sparewatt.errors import StoreError
from sparewatt.results.store import Store

QUEUE_AWAY = (
    "DROP INDEX runs_to_take",
    "DROP INDEX runs_listed",
    "ALTER TABLE runs DROP COLUMN submitted",
    "ALTER TABLE runs DROP COLUMN stop_wanted",
    "ALTER TABLE runs DROP COLUMN deaths",
    "ALTER TABLE runs DROP COLUMN death_progress",
)
FIRST_VERSION = ("UPDATE sparewatt_schema SET version_num = '0001'",)

FILES = {"consumer_event.csv": "1;2;3;[1]:[2]:[3];a.csv\n", "loads/a.csv": "0 0\n60 5\n", "ö.csv": "\ud800é"}


@pytest.fixture
def store(store_url):
    with Store.open(store_url) as opened:
        yield opened


def execute(url: str, *statements: str) -> None:
    full = url if "://" in url else f"sqlite:///{url}"
    engine = create_engine(full.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def test_a_neighbourhood_comes_back_as_it_was_kept(store):
    kept = store.create_neighbourhood("Sunny Lane", FILES, {"pv_producer[1]:[2]": 7.25})
    assert store.find_neighbourhood(kept.id) == kept
    assert store.read_neighbourhood_files(kept.id) == FILES
    assert list(store.read_neighbourhood_files(kept.id)) == list(FILES)
    assert kept.scores == {"pv_producer[1]:[2]": 7.25}
    assert abs(kept.created - datetime.now(UTC)) < timedelta(seconds=10)


def test_the_one_that_was_changed_last_comes_first(store):
    first, second = (store.create_neighbourhood(name, {}) for name in ("a", "a"))
    assert [n.id for n in store.find_neighbourhoods()] == [second.id, first.id]
    store.replace_neighbourhood(first.id, "b", FILES)
    assert [(n.id, n.name) for n in store.find_neighbourhoods()] == [(first.id, "b"), (second.id, "a")]
    assert store.read_neighbourhood_files(first.id) == FILES
    assert store.find_neighbourhood(first.id).created == first.created


def test_scores_outlive_other_files_and_are_reset(store):
    kept = store.create_neighbourhood("a", FILES)
    assert kept.scores == {}
    store.write_scores(kept.id, {"p": 9.5, "q": -3.0})
    store.replace_neighbourhood(kept.id, "a", {})
    assert store.find_neighbourhood(kept.id).scores == {"p": 9.5, "q": -3.0}
    store.reset_scores(kept.id)
    assert store.find_neighbourhood(kept.id).scores == {}


def test_a_neighbourhood_is_thrown_away(store):
    kept, other = (store.create_neighbourhood(name, FILES) for name in ("a", "b"))
    store.delete_neighbourhood(kept.id)
    assert [n.id for n in store.find_neighbourhoods()] == [other.id]


def test_a_neighbourhood_that_there_is_not(store):
    for call in (
        lambda: store.find_neighbourhood(7),
        lambda: store.read_neighbourhood_files(7),
        lambda: store.replace_neighbourhood(7, "a", {}),
        lambda: store.write_scores(7, {}),
        lambda: store.reset_scores(7),
        lambda: store.delete_neighbourhood(7),
    ):
        with pytest.raises(StoreError, match="There is no neighbourhood 7 in this store"):
            call()


CUT = "substr(files, 1, length(files) - 3)"
NO_TEXTS = "x'" + zlib.compress(b'{"a": 1}').hex() + "'"


@pytest.mark.parametrize("damage", ["x'00'", "x'789c'", CUT, NO_TEXTS])
def test_what_is_damaged_is_told(tmp_path, damage):
    url = str(tmp_path / "sparewatt.db")
    with Store.open(url) as store:
        kept = store.create_neighbourhood("a", FILES)
        execute(url, f"UPDATE community_neighbourhoods SET files = {damage}")
        with pytest.raises(StoreError, match=rf"Neighbourhood {kept.id} is damaged"):
            store.read_neighbourhood_files(kept.id)


def test_a_store_of_the_version_before_is_upgraded_and_keeps_its_runs(store_url):
    with Store.open(store_url) as store:
        run = store.create_run(study="depot", name="a")
    execute(store_url, *QUEUE_AWAY, "DROP TABLE community_neighbourhoods", *FIRST_VERSION)
    with pytest.raises(StoreError, match=r"has version 0001 .* needs 0003.\nMake a copy|db upgrade"):
        Store.open(store_url)
    assert "version 0001 -> 0003" in Store.upgrade(store_url)
    with Store.open(store_url) as store:
        assert store.find_run("latest") == run
        assert store.find_neighbourhoods() == ()
    assert Store.check(store_url) == ()


def test_a_table_in_the_way_of_an_upgrade_stays(store_url):
    Store.open(store_url).close()
    execute(
        store_url,
        *QUEUE_AWAY,
        "DROP TABLE community_neighbourhoods",
        *FIRST_VERSION,
        "CREATE TABLE community_neighbourhoods (mine integer)",
    )
    with pytest.raises(StoreError, match=r"community_neighbourhoods: is there already"):
        Store.upgrade(store_url)
    execute(store_url, "INSERT INTO community_neighbourhoods (mine) VALUES (1)")
    with pytest.raises(StoreError, match=r"has version 0001"):
        Store.open(store_url)
