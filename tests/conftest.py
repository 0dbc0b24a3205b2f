"""Makes builders (`support`) and strategies (`properties`) importable; lends PostgreSQL to tests that ask.

A test that needs PostgreSQL is marked ``postgres`` or asks for ``postgres_url``, ``postgres_database`` or
``store_url``. The server is the one of ``SPAREWATT_TEST_POSTGRES``, else a throwaway one that is started
when its first test comes, and is then named in that variable. Without binaries such tests are skipped
with a reason, or fail where ``SPAREWATT_REQUIRE_ALL=1``.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if str(Path(__file__).parent) not in sys.path:
    sys.path.append(str(Path(__file__).parent))

from support.postgres import Cluster, find_binaries, new_cluster, new_database

if TYPE_CHECKING:
    from collections.abc import Iterator

VARIABLE = "SPAREWATT_TEST_POSTGRES"
_CLUSTER = pytest.StashKey[Cluster]()


def _refuse(reason: str) -> None:
    """Skip with a reason, or fail where everything is required."""
    if os.environ.get("SPAREWATT_REQUIRE_ALL") == "1":
        pytest.fail(f"SPAREWATT_REQUIRE_ALL=1, but {reason}", pytrace=False)
    pytest.skip(reason)


def _server(config: pytest.Config) -> str:
    """The address of a running server, started when it is first asked for."""
    if not os.environ.get(VARIABLE):
        binaries = find_binaries()
        if binaries is None:
            _refuse(f"{VARIABLE} is not set and no PostgreSQL binaries (initdb, postgres) were found")
        else:
            cluster = Cluster(binaries)
            config.stash[_CLUSTER] = cluster
            cluster.start()
            os.environ[VARIABLE] = cluster.url()
    return os.environ[VARIABLE]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """A marked test finds the variable set, whatever way it reads it."""
    if item.get_closest_marker("postgres") is not None:
        _server(item.config)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave no server behind."""
    cluster = config.stash.get(_CLUSTER, None)
    if cluster is not None:
        del os.environ[VARIABLE]
        cluster.remove()


@pytest.fixture(scope="session")
def postgres_url(request: pytest.FixtureRequest) -> str:
    """Address of a PostgreSQL server."""
    return _server(request.config)


@pytest.fixture
def postgres_database(postgres_url: str) -> Iterator[str]:
    """Address of a fresh, empty PostgreSQL database."""
    with new_database(postgres_url) as url:
        yield url


@pytest.fixture
def postgres_cluster() -> Iterator[Cluster]:
    """A PostgreSQL server of this test's own, that it may stop."""
    if find_binaries() is None:
        _refuse("no PostgreSQL binaries (initdb, postgres) were found to start a server that may be stopped")
    with new_cluster() as cluster:
        yield cluster


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of a fresh, empty database: SQLite always, PostgreSQL where there is one."""
    if request.param == "sqlite":
        return str(tmp_path / "sparewatt.db")
    url: str = request.getfixturevalue("postgres_database")
    return url
