"""Errors as problem details (RFC 9457) with findings inside; never a path, never a stack."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request  # noqa: TC002 - Starlette looks at handlers
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from sparewatt.errors import InputError, SparewattError, StoreAway, StoreError, StoreMissing
from sparewatt.faces.api.clean import clean_finding, clean_text
from sparewatt.faces.api.headers import HEADERS
from sparewatt.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sparewatt.faces.api.place import ApiPlace

LOG = logging.getLogger(__name__)
PROBLEM_TYPE = "application/problem+json"
_SHOWN = 500


class FindingBody(BaseModel):
    """One statement of one rule; rules are listed in docs/rules.md."""

    rule: str = Field(description="Stable dotted name of the rule", examples=["api.request"])
    severity: str = Field(description="error (nothing runs), warning or info", examples=["error"])
    where: str = Field(
        description="The place: a key, or table, row and column", examples=["t_sites row 2, asc_kw"]
    )
    message: str = Field(description="What is wrong, in one sentence", examples=["is less than 1"])
    value: str = Field(default="", description="The offending value", examples=["0"])
    remedy: str = Field(default="", description="What would be right", examples=["a whole number from 1 on"])
    ids: list[str] = Field(default=[], description="Ids of the things concerned", examples=[[]])
    margin: float | None = Field(
        default=None, description="By how much the rule is missed, in its unit", examples=[None]
    )


class Problem(BaseModel):
    """What went wrong, as RFC 9457 has it."""

    type: str = Field(
        default="about:blank",
        description="Kind of problem; about:blank: its title says it",
        examples=["about:blank"],
    )
    title: str = Field(description="The status in words", examples=["Not Found"])
    status: int = Field(description="HTTP status", examples=[404])
    detail: str = Field(description="What is wrong and what to do about it", examples=["There is no run 7."])
    findings: list[FindingBody] = Field(default=[], description="Every finding of the input, where there are")


class ProblemError(Exception):
    """An answer that is a problem.

    Parameters
    ----------
    status
        HTTP status.
    detail
        For people.
    findings
        Of the input.
    """

    def __init__(self, status: int, detail: str, findings: Sequence[Finding] = ()) -> None:
        super().__init__(detail)
        self.status, self.detail, self.findings = status, detail, tuple(findings)


def finding_body(finding: Finding, *folders: Path) -> FindingBody:
    """A finding as it is sent, without paths; folders whose names may hold blanks are named."""
    told = clean_finding(finding, folders)
    return FindingBody.model_validate(told.to_dict() | {"ids": list(finding.ids)})


def problem_response(
    status: int,
    detail: str,
    findings: Sequence[Finding] = (),
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """A problem as an answer."""
    body = Problem(
        title=HTTPStatus(status).phrase,
        status=status,
        detail=clean_text(detail),
        findings=[finding_body(f) for f in findings],
    )
    sent = HEADERS | dict(headers or {})
    return JSONResponse(body.model_dump(mode="json"), status, sent, media_type=PROBLEM_TYPE)


def add_problems(app: FastAPI) -> None:
    """Let every error of an application be answered as a problem."""
    app.add_exception_handler(ProblemError, _tell_problem)
    app.add_exception_handler(RequestValidationError, _tell_form)
    app.add_exception_handler(HTTPException, _tell_http)
    app.add_exception_handler(SparewattError, _tell_ours)
    app.add_exception_handler(OSError, _tell_files)
    app.add_exception_handler(Exception, _tell_bug)


def _tell_problem(request: Request, error: Any) -> JSONResponse:  # noqa: ANN401 - Starlette's form
    del request
    return problem_response(error.status, error.detail, error.findings)


def _tell_http(request: Request, error: Any) -> JSONResponse:  # noqa: ANN401 - as above
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_methods(request)) or headers.get("Allow", "GET")
    return problem_response(error.status_code, str(error.detail), headers=headers)


def _methods(request: Request) -> list[str]:
    """The methods of an address, of all routes that have it."""
    path = request.url.path.removeprefix(request.scope.get("root_path", ""))
    paths: dict[str, dict[str, object]] = request.app.openapi()["paths"]
    found = (set(operations) for way, operations in paths.items() if compile_path(way)[0].match(path))
    return sorted(method.upper() for method in set().union(*found))


def _tell_form(request: Request, error: Any) -> JSONResponse:  # noqa: ANN401 - as above
    """What does not fit the form of a request; each a finding."""
    del request
    findings = [
        Finding("api.request", "error", ".".join(str(part) for part in e["loc"]) or "body", _form_words(e))
        for e in error.errors()
    ]
    return problem_response(422, "The request has not the form that this address takes.", findings)


def _form_words(error: Mapping[str, Any]) -> str:
    """What is wrong with a part of a request, without the words of Python."""
    said = str(error["msg"]).removeprefix("Value error, ")
    if "UploadFile" in said:
        return "is no file with a name; send it as a field of a form (multipart/form-data) with its file name"
    return said[:_SHOWN]


def _tell_ours(request: Request, error: Any) -> JSONResponse:  # noqa: ANN401 - as above
    folders = _folders(request)
    if isinstance(error, InputError):
        findings = [clean_finding(f, folders) for f in error.findings]
        return problem_response(422, "The input breaks rules; nothing was run.", findings)
    words = clean_text(str(error), folders)
    if isinstance(error, StoreMissing):
        return problem_response(404, words)
    if isinstance(error, StoreAway):
        LOG.error("%s", error)
        return problem_response(503, "The store does not answer; try again in a moment.")
    if isinstance(error, StoreError):  # of another version, or damaged: somebody has to do something
        LOG.error("%s", error)
        return problem_response(503, words)
    return problem_response(409, words)


def _folders(request: Request) -> tuple[Any, ...]:
    place: ApiPlace = request.app.state.place
    return (place.uploads, place.data)


def _tell_files(request: Request, error: Exception) -> JSONResponse:
    """A disk that is full, or a folder that is read-only: the log tells which."""
    LOG.error("files at %s: %s", request.url.path, error)
    return problem_response(503, "The server cannot read or write its files; its log tells why.")


def _tell_bug(request: Request, error: Exception) -> JSONResponse:
    """A bug: the log tells where."""
    LOG.error("internal error at %s", request.url.path, exc_info=error)
    return problem_response(500, "This is a bug of Sparewatt; its log tells where.")
