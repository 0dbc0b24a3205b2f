"""Whatever the files of a folder hold, reading ends in a neighbourhood or in findings, never in a fault."""

from __future__ import annotations

import numpy as np
import pytest

from sparewatt.inputs.community.import_xml import import_jobs_xml
from sparewatt.inputs.community.read import read_neighbourhood
from sparewatt.inputs.community.write import same_parts, write_neighbourhood
from support.neighbourhood_folders import small_files, write_files

PIECES = [
    *(b"", b"\0", b";", b",", b"\n", b" ", b"-", b"1e999", b"nan", b"[", b"]:[", b'"', b"<", b"&", b"\xff"),
    *(
        b"9" * 400,
        b"1" * 5000,
        "½٣\u2028".encode(),
        b"{",
        b"../",
        b"0",
        b"#2",
        b"\xef\xbb\xbf",
        b"1_0",
        b"+5",
    ),
]


def mutate(rng, content):
    for _ in range(int(rng.integers(1, 4))):
        at, end = sorted(rng.integers(0, len(content) + 1, 2).tolist())
        end = min(end, at + int(rng.integers(0, 12)))
        content = content[:at] + PIECES[int(rng.integers(len(PIECES)))] + content[end:]
    return content


@pytest.mark.parametrize("seed", range(50))
def test_mutated_folders(tmp_path, seed):
    rng = np.random.default_rng(seed)
    files = {name: text.encode() for name, text in small_files().items()}
    for name in rng.permutation(list(files))[: int(rng.integers(1, 3))].tolist():
        files[name] = mutate(rng, files[name])
    folder = write_files(tmp_path / "lane", files)
    neighbourhood, findings = read_neighbourhood(folder)
    assert (neighbourhood is None) == any(f.severity == "error" for f in findings)
    assert str(tmp_path) not in "".join(map(str, findings))
    if neighbourhood is not None:
        # What was read can be written, and means the same then.
        write_neighbourhood(neighbourhood, tmp_path / "copy")
        assert same_parts(read_neighbourhood(tmp_path / "copy")[0], neighbourhood)


@pytest.mark.parametrize("seed", range(15))
def test_mutated_jobs(tmp_path, seed):
    rng = np.random.default_rng(seed)
    folder = write_files(tmp_path / "lane", small_files())
    before = (folder / "consumer_event.csv").read_bytes()
    job = b"<device><id>219</id><creation_time>1460246400</creation_time>"
    job += b"<est>1460246500</est><lst>1460246600</lst>"
    text = b'<neighborhood><house id="57"><user>' + job + b"</device></user></house></neighborhood>"
    (tmp_path / "j.xml").write_bytes(mutate(rng, text))
    findings = import_jobs_xml(tmp_path / "j.xml", folder)
    if any(f.severity == "error" for f in findings):
        assert (folder / "consumer_event.csv").read_bytes() == before
    else:
        assert read_neighbourhood(folder)[0] is not None
