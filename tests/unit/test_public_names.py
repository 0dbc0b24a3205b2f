import subprocess
import sys
from pathlib import Path

import pytest

import sparewatt


def test_every_public_name_is_there():
    for name in sparewatt.__all__:
        assert getattr(sparewatt, name) is not None


def test_type_checkers_are_told_of_the_same_names():
    told = Path(sparewatt.__file__).with_suffix(".pyi").read_text(encoding="utf-8")
    lines = {f"from sparewatt.{home} import {name} as {name}" for name, home in sparewatt._HOMES.items()}
    assert set(told.splitlines()) == {*lines, "", "__version__: str"}
    assert sorted(sparewatt.__all__) == sorted([*sparewatt._HOMES, "__version__"])


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="plan_everything"):
        sparewatt.plan_everything  # noqa: B018 - asking is the test


def test_importing_the_package_and_its_nouns_needs_numpy_only():
    code = (
        "import sys, sparewatt; sparewatt.Depot, sparewatt.Horizon, sparewatt.Limit, sparewatt.Network\n"
        "heavy = {'pandas', 'pyarrow', 'sqlalchemy', 'numba', 'highspy', 'matplotlib', 'scipy', 'pydantic'}\n"
        "print(*sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []
