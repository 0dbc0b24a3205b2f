"""Which rows of a table a caller wants, and in which order, as texts in the address."""

from __future__ import annotations

from typing import Annotated, get_args

from pydantic import Field

from sparewatt.faces.api.bodies import Paging
from sparewatt.faces.api.problems import ProblemError
from sparewatt.finding import Finding
from sparewatt.results.table_query import CellTest, ColumnFilter, TableQuery, Way

_ALONE = ("empty", "filled")
_WAYS = ", ".join(get_args(Way))

Text = Annotated[str, Field(max_length=300)]


class TableAsked(Paging):
    """Which part of a table; filters and order hold for the whole of it."""

    where: list[Text] = Field(
        default=[],
        max_length=20,
        description=f"column:way:value that a row must do, all of them; ways are {_WAYS} (between takes "
        "column:between:low:high, empty and filled take no value)",
        examples=[["cost:above:70"]],
    )
    sort: list[Text] = Field(
        default=[],
        max_length=10,
        description="Columns to sort by, the most important first; with - before it downwards, empty last",
        examples=[["-cost"]],
    )


def table_query(asked: TableAsked) -> TableQuery:
    """What a caller asked for as the query of a table.

    Raises
    ------
    ProblemError
        A text that is none of the form; which columns there are is seen with the table.
    """
    filters = tuple(_filter(text) for text in asked.where)
    return TableQuery(filters, tuple((text.removeprefix("-"), text.startswith("-")) for text in asked.sort))


def _filter(text: str) -> ColumnFilter:
    column, _, rest = text.partition(":")
    way, _, value = rest.partition(":")
    if way not in get_args(Way) or bool(value) is (way in _ALONE):
        raise _refused(text, f"column:way:value, where way is one of {_WAYS}")
    if way != "between":
        return ColumnFilter(column, (CellTest(way, value),))  # type: ignore[arg-type]  # seen above
    low, _, high = value.partition(":")
    try:
        return ColumnFilter(column, (CellTest("between", float(low), float(high)),))
    except ValueError:
        raise _refused(text, "column:between:low:high, with numbers") from None


def _refused(text: str, remedy: str) -> ProblemError:
    finding = Finding("api.request", "error", "query.where", "is no filter of a table", text[:100], remedy)
    return ProblemError(422, "The request has not the form that this address takes.", [finding])
