from __future__ import annotations

import numpy as np
import pytest

from sparewatt.studies.checkpoint import CHECKPOINT_FILE, checkpoint_key
from sparewatt.studies.kept_work import KeptWork, clear_kept
from sparewatt.studies.pieces import PIECES

KEY = checkpoint_key("ab" * 32, 7, {"sparewatt": "0.1.0"})


@pytest.fixture
def kept(tmp_path):
    """The work of a run: its state, two pieces, and files that are none of it."""
    kept = KeptWork(tmp_path / "before", KEY)
    kept.checkpoint.keep(lambda: b"state", now=True)
    kept.pieces.keep("a", {"x": np.arange(3)})
    kept.pieces.keep("b", {"x": np.arange(4)})
    (kept.directory / PIECES / "Notes.txt").write_text("mine")
    (kept.directory / "outcome.json").write_text("{}")
    return kept


def test_what_is_kept_comes_along(kept, tmp_path):
    after = KeptWork(tmp_path / "after", KEY)
    after.copy_from(kept.directory)
    assert after.checkpoint.read() == kept.checkpoint.read() == b"state"
    assert after.pieces.read("b")["x"].tolist() == kept.pieces.read("b")["x"].tolist() == [0, 1, 2, 3]
    assert sorted(p.name for p in after.directory.rglob("*")) == sorted(
        [CHECKPOINT_FILE, PIECES, "a.bin", "b.bin"]
    )


def test_nothing_to_copy_from_itself_or_from_an_empty_folder(kept, tmp_path):
    kept.copy_from(kept.directory)
    assert kept.checkpoint.read() == b"state"
    kept.copy_from(tmp_path / "nowhere")
    assert kept.pieces.read("a") is not None


def test_only_what_was_kept_is_cleared(kept):
    clear_kept(kept.directory)
    left = sorted(p.name for p in kept.directory.rglob("*") if p.is_file())
    assert left == ["Notes.txt", "outcome.json"]
    clear_kept(kept.directory)


def test_work_of_other_inputs_is_not_taken(kept):
    other = KeptWork(kept.directory, checkpoint_key("cd" * 32, 7, {"sparewatt": "0.1.0"}))
    assert other.checkpoint.read() is None
    assert other.pieces.read("a") is None
