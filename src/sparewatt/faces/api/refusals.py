"""Which problems an operation may answer with, for its documentation."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from sparewatt.faces.api.problems import PROBLEM_TYPE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_WHAT = {
    400: ("The body cannot be read", "There was an error parsing the body"),
    401: ("The token is missing or wrong", "Send the token of this server: Authorization: Bearer …"),
    403: (
        "The call comes from a page of another origin, or by a foreign name",
        "A page of another origin may not change anything here.",
    ),
    404: ("There is no such thing", "There is no run 7."),
    409: ("It is not in a state for this", "Run 7 is running, so there is no result yet."),
    410: ("Its files are not there any more", "The files of run 7 are not there any more; run it again."),
    413: ("The request is too large", "The request is too large: at most 4,000,000 bytes are taken."),
    422: (
        "The request or the input breaks rules; findings inside",
        "The input breaks rules; nothing was run.",
    ),
    500: ("A bug, which the log of the server tells of", "This is a bug of Sparewatt; its log tells where."),
    503: (
        "Store or disk do not answer, or the store is of another version",
        "The store does not answer; try again in a moment.",
    ),
}
_FINDING: dict[str, Any] = {
    "rule": "scenario.value",
    "severity": "error",
    "where": "t_sites row 2, asc_kw",
    "message": "is less than 1",
    "value": "0",
    "remedy": "a whole number from 1 on",
    "ids": [],
    "margin": None,
}
_FILES = {"results", "export"}
"""Tags of operations that read the files of a run."""


def refusals(
    method: str, path: str, operation: Mapping[str, Any], *, needs_token: bool
) -> dict[str, dict[str, Any]]:
    """Problems of an operation as OpenAPI has them, each with an example."""
    return {
        str(status): {"description": _WHAT[status][0], "content": {PROBLEM_TYPE: _content(status)}}
        for status in sorted(_statuses(method, path, operation, needs_token=needs_token))
    }


def _statuses(method: str, path: str, operation: Mapping[str, Any], *, needs_token: bool) -> Iterator[int]:
    yield from (403, 500)
    if path == "/health":
        return
    yield 503
    if needs_token:
        yield 401
    has_body = "requestBody" in operation
    if has_body:
        yield from (400, 404, 413)  # what a body names may not be there
    if has_body or operation.get("parameters"):
        yield 422
    reads_files = not _FILES.isdisjoint(operation.get("tags", ())) and not has_body
    if "{" in path or reads_files:
        yield 404
    if reads_files:
        yield 410
    if reads_files or method in {"post", "put"}:
        yield 409


def _content(status: int) -> dict[str, Any]:
    example = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": _WHAT[status][1],
        "findings": [_FINDING] if status == HTTPStatus.UNPROCESSABLE_ENTITY else [],
    }
    return {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}
