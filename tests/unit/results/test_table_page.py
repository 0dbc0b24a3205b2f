"""Pages of tables: kinds of columns, what is refused, and rows asked for over the whole table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sparewatt.errors import InputError
from sparewatt.results.table_page import read_table_page
from sparewatt.results.table_query import CellTest, ColumnFilter, TableQuery, Way

if TYPE_CHECKING:
    from pathlib import Path

TABLE = """van_id,Mode,kwh,note
v3,opt,10,Plan b
v1,BAU,2.5,
v2,opt,,"a, ""B"" c"
v10,bau,9,plan A
v1,opt,-1e1,it's
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "vans.csv"
    made.write_text(TABLE)
    return made


def found(path: Path, column: str, *tests: CellTest, any_of: bool = False) -> list[int]:
    """Rows of the table that a filter leaves, counted from 0."""
    every = read_table_page(path, 0, 9).rows
    query = TableQuery((ColumnFilter(column, tests, any_of),))
    page = read_table_page(path, 0, 9, query)
    assert (page.total, page.matching) == (5, len(page.rows))
    return [every.index(row) for row in page.rows]


@pytest.mark.parametrize(
    ("column", "way", "value", "rows"),
    [
        ("kwh", "is", 10.0, [0]),
        ("kwh", "is_not", 10.0, [1, 3, 4]),
        ("kwh", "above", 9.0, [0]),
        ("kwh", "above", "9.0", [0]),
        ("kwh", "at_least", 9.0, [0, 3]),
        ("kwh", "below", 2.5, [4]),
        ("kwh", "at_most", 2.5, [1, 4]),
        ("kwh", "contains", "5", [1]),
        ("kwh", "empty", "", [2]),
        ("kwh", "filled", "", [0, 1, 3, 4]),
        ("Mode", "is", "bau", [1, 3]),
        ("Mode", "is_not", "BAU", [0, 2, 4]),
        ("van_id", "is", "v1", [1, 4]),
        ("van_id", "begins", "V1", [1, 3, 4]),
        ("note", "contains", "plan", [0, 3]),
        ("note", "lacks", "plan", [1, 2, 4]),
        ("note", "ends", '"B" C', [2]),
        ("note", "is_not", "it's", [0, 1, 2, 3]),
    ],
)
def test_rows_are_asked_for(path: Path, column: str, way: Way, value: str | float, rows: list[int]) -> None:
    assert found(path, column, CellTest(way, value)) == rows


def test_tests_of_a_column_are_joined(path: Path) -> None:
    assert found(path, "kwh", CellTest("between", 9.0, 2.5)) == [1, 3]
    assert found(path, "kwh", CellTest("above", 2.0), CellTest("below", 10.0)) == [1, 3]
    assert found(path, "kwh", CellTest("is", 10.0), CellTest("empty"), any_of=True) == [0, 2]


def test_the_whole_table_is_sorted_and_a_part_of_it_shown(path: Path) -> None:
    def ids(query: TableQuery, offset: int = 0, limit: int = 9) -> list[object]:
        return [row[0] for row in read_table_page(path, offset, limit, query).rows]

    assert ids(TableQuery(sort=(("kwh", False),))) == ["v1", "v1", "v10", "v3", "v2"]
    assert ids(TableQuery(sort=(("kwh", True),))) == ["v3", "v10", "v1", "v1", "v2"]  # empty stays last
    assert ids(TableQuery(sort=(("Mode", True), ("van_id", False)))) == ["v1", "v2", "v3", "v1", "v10"]
    only = (ColumnFilter("Mode", (CellTest("is", "opt"),)),)
    assert ids(TableQuery(only, (("kwh", True),)), 1, 1) == ["v1"]
    page = read_table_page(path, 2, 1, TableQuery(only))
    assert (page.rows, page.total, page.matching) == ((("v1", "opt", -10.0, "it's"),), 5, 3)
    assert page.numeric == (False, False, True, False)


def test_what_cannot_be_asked_or_read_is_refused_in_words(path: Path) -> None:
    with pytest.raises(InputError, match=r"no column kw.*did you mean kwh\?"):
        read_table_page(path, 0, 9, TableQuery(sort=(("kw", False),)))
    for column, test in (("kwh", CellTest("above", "much")), ("note", CellTest("between", 1.0, 2.0))):
        with pytest.raises(InputError, match="compared with a text"):
            found(path, column, test)
    path.write_text('a,b\n1,"2\n')
    with pytest.raises(InputError, match="quotation mark is not closed"):
        read_table_page(path, 0, 9)


@pytest.mark.parametrize(
    ("text", "columns", "rows"),
    [
        ("", (), ()),
        ("a,b", ("a", "b"), ()),
        ("\ufeffa,b\r\n1,2\r\n\r\n", ("a", "b"), ((1, 2),)),
        ('"a\nb",c\n"x\ny",2\n', ("a\nb", "c"), (("x\ny", 2),)),
        ("a,a\n1,\n", ("a", "a"), ((1, None),)),
    ],
)
def test_odd_files_are_tables_all_the_same(
    path: Path, text: str, columns: tuple[str, ...], rows: tuple[object, ...]
) -> None:
    path.write_text(text, newline="")
    page = read_table_page(path, 0, 9)
    assert (page.columns, page.rows, page.total) == (columns, rows, len(rows))


def test_names_of_nodes_stay_names_though_all_are_digits(tmp_path: Path) -> None:
    (tmp_path / "customers.csv").write_text("customer_id,node,evs\na,1178,2\nb,0134,0\n")
    assert read_table_page(tmp_path / "customers.csv", 0, 9).rows == (("a", "1178", 2), ("b", "0134", 0))
