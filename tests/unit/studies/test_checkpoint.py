from __future__ import annotations

import pytest

from sparewatt.studies.checkpoint import Checkpoint, checkpoint_key
from sparewatt.studies.kept_work import clear_kept

KEY = checkpoint_key("ab" * 32, 7, {"sparewatt": "0.1.0"})


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run" / "checkpoint.bin"


def test_a_state_comes_back(path):
    assert Checkpoint(path, KEY).read() is None
    assert Checkpoint(path, KEY).keep(lambda: b"first", now=True)
    assert Checkpoint(path, KEY).keep(lambda: b"\x00second\n", now=True)
    assert Checkpoint(path, KEY).read() == b"\x00second\n"
    assert [p.name for p in path.parent.iterdir()] == ["checkpoint.bin"]
    clear_kept(path.parent)
    clear_kept(path.parent)
    assert Checkpoint(path, KEY).read() is None
    assert list(path.parent.iterdir()) == []


def test_it_is_written_when_it_is_time(path):
    asked = []
    patient = Checkpoint(path, KEY, every_s=1000.0)
    assert not patient.keep(lambda: asked.append(1) or b"x")
    assert not asked  # the state is not even made
    assert not path.exists()
    eager = Checkpoint(path, KEY, every_s=0.0)
    assert eager.keep(lambda: b"x")


def test_what_took_long_to_write_is_written_seldom(path, monkeypatch):
    clock = iter([0.0, 10.0, 16.0, 70.0, 77.0, 78.0])
    monkeypatch.setattr("sparewatt.studies.checkpoint.time.monotonic", lambda: next(clock))
    slow = Checkpoint(path, KEY)  # at 0
    assert slow.keep(lambda: b"x")  # from 10 to 16: not again before 16 + 60
    assert not slow.keep(lambda: b"y")  # at 70
    assert slow.keep(lambda: b"y")  # at 77


@pytest.mark.parametrize("seed", [7, 8])
@pytest.mark.parametrize("digest", ["ab", "cd"])
@pytest.mark.parametrize("version", ["0.1.0", "0.2.0"])
def test_other_inputs_seeds_or_versions_are_none(path, seed, digest, version):
    Checkpoint(path, KEY).keep(lambda: b"x", now=True)
    key = checkpoint_key(digest * 32, seed, {"sparewatt": version})
    same = (seed, digest, version) == (7, "ab", "0.1.0")
    assert Checkpoint(path, key).read() == (b"x" if same else None)


@pytest.mark.parametrize("cut", range(0, 100, 9))
def test_what_is_cut_or_changed_is_none(path, cut):
    Checkpoint(path, KEY).keep(lambda: b"state of a run", now=True)
    whole = path.read_bytes()
    if cut < len(whole):
        path.write_bytes(whole[:cut])
        assert Checkpoint(path, KEY).read() is None
        path.write_bytes(whole[:cut] + bytes([whole[cut] ^ 1]) + whole[cut + 1 :])
        assert Checkpoint(path, KEY).read() is None
    path.write_bytes(whole + b"x")
    assert Checkpoint(path, KEY).read() is None


def test_a_folder_in_its_place_is_none(path):
    path.mkdir(parents=True)
    assert Checkpoint(path, KEY).read() is None
