from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from sparewatt.errors import StoreError
from sparewatt.results.store import Store

FILES = {"consumer_event.csv": "1;2;3;[1]:[2]:[3];a.csv\n", "loads/a.csv": "0 0\n60 5\n"}


@pytest.fixture
def store(store_url):
    with Store.open(store_url) as opened:
        yield opened


def test_a_change_is_made_to_the_version_that_it_was_made_from(store):
    number = store.create_neighbourhood("Lane", FILES, {"pv_producer[1]:[2]": 8.0, "gone": 3.0}).id
    first = store.open_neighbourhood(number)
    assert (first.name, dict(first.files)) == ("Lane", FILES)
    assert store.open_neighbourhood(number).version == first.version
    second = store.change_neighbourhood(number, first.version, "Street", {}, {"pv_producer[1]:[2]"})
    assert store.open_neighbourhood(number).version == second != first.version
    assert store.find_neighbourhood(number).scores == {"pv_producer[1]:[2]": 8.0}
    assert store.change_neighbourhood(number, first.version, "Lost", FILES, ()) is None
    assert store.open_neighbourhood(number).name == "Street"
    store.delete_neighbourhood(number)
    for ask in (
        lambda: store.open_neighbourhood(number),
        lambda: store.change_neighbourhood(number, second, "x", {}, ()),
    ):
        with pytest.raises(StoreError, match=f"There is no neighbourhood {number}"):
            ask()


def test_of_eight_who_save_at_once_one_does(store):
    number = store.create_neighbourhood("Lane", FILES).id
    version = store.open_neighbourhood(number).version

    def save(who: int) -> str | None:
        return store.change_neighbourhood(number, version, f"Lane {who}", FILES, ())

    with ThreadPoolExecutor(8) as pool:
        saved = list(pool.map(save, range(8)))
    (winner,) = [who for who, version in enumerate(saved) if version is not None]
    assert store.open_neighbourhood(number).name == f"Lane {winner}"
