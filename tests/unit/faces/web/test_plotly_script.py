"""Plotly's script is sent without its wrapper, and only once."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from importlib import resources

import httpx
from fastapi import FastAPI

from sparewatt.faces.web.plotly_script import PATH, add_plotly, unwrap_plotly

WRAPPED = """/**
* plotly.js v9
* Licensed under the MIT license
*/
(
 function(root, factory) {
  root.moduleName = factory();
} (self, () => {
"use strict";var Plotly=(()=>{var a=1;return a})();
/*! Bundled license information: b */

window.Plotly = Plotly;
return Plotly;
}));"""
BARE = """/**
* plotly.js v9
* Licensed under the MIT license
*/
"use strict";window.Plotly=(()=>{var a=1;return a})();
/*! Bundled license information: b */

"""


def test_the_wrapper_goes_and_all_else_stays() -> None:
    assert unwrap_plotly(WRAPPED) == BARE


def test_what_is_wrapped_otherwise_is_left_alone() -> None:
    for other in ("window.Plotly = 1;", WRAPPED + "more();", WRAPPED.replace("(()=>{", "(function(){")):
        assert unwrap_plotly(other) == other


def test_the_installed_plotly_is_wrapped_as_known() -> None:
    script = (resources.files("plotly") / "package_data" / "plotly.min.js").read_text(encoding="utf-8")
    assert 0 < len(script) - len(unwrap_plotly(script)) < 400


def test_it_is_kept_by_browsers() -> None:
    server = FastAPI()
    add_plotly(server)

    async def ask() -> tuple[httpx.Response, httpx.Response]:
        transport = httpx.ASGITransport(app=server)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            first = await client.get(PATH)
            return first, await client.get(PATH, headers={"If-None-Match": first.headers["etag"]})

    with ThreadPoolExecutor(1) as elsewhere:  # other tests' browser may keep a loop running here
        first, again = elsewhere.submit(lambda: asyncio.run(ask())).result()
    assert first.status_code == 200
    assert first.headers["content-type"].startswith("text/javascript")
    assert (again.status_code, again.content) == (304, b"")
