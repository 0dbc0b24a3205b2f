from __future__ import annotations

import pytest

from sparewatt.inputs.csv_records import CsvRules, read_csv_records
from sparewatt.inputs.finding_log import FindingLog

RULES = CsvRules("a.unreadable", "a.encoding", "a.form", "a.size", most_mb=1)


def read(path, content=None, rules=RULES):
    if content is not None:
        path.write_bytes(content)
    log = FindingLog()
    return read_csv_records(path, rules, log), [(f.rule, f.where) for f in log.findings()]


@pytest.mark.parametrize(
    ("content", "records"),
    [
        (b"a,b\n1,2\n", [(1, ["a", "b"]), (2, ["1", "2"])]),
        (b"\xef\xbb\xbfa;b\r\n1,5;2\r\n", [(1, ["a", "b"]), (2, ["1,5", "2"])]),
        (b"a\tb\n\n1\t2", [(1, ["a", "b"]), (2, []), (3, ["1", "2"])]),
        (b'a,b\n"one\ntwo",2\n', [(1, ["a", "b"]), (3, ["one\ntwo", "2"])]),
        (b"", []),
    ],
    ids=["comma", "semicolon and mark", "tab", "two lines in a cell", "empty"],
)
def test_records_with_their_lines(tmp_path, content, records):
    assert read(tmp_path / "t.csv", content) == (records, [])


def test_what_is_no_csv_is_noted_with_its_line(tmp_path):
    path = tmp_path / "t.csv"
    assert read(path) == (None, [("a.unreadable", "t.csv")])
    assert read(path, b"a\n\xe9\n") == (None, [("a.encoding", "t.csv, line 2")])
    assert read(path, b'a\nb\n"c\n') == (None, [("a.form", "t.csv, line 3")])
    assert read(path, b"a," * 500_001) == (None, [("a.size", "t.csv")])
    rows = CsvRules("a", "a", "a", "a", line=" row")
    assert read(path, b'"c\n', rules=rows) == (None, [("a", "t.csv row 1")])
