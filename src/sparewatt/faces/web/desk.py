"""Desk: where pages register what they answer; answers run in threads and fail in words."""

from __future__ import annotations

import functools
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio.to_thread
import dash
from dash.exceptions import PreventUpdate

from sparewatt.errors import SparewattError
from sparewatt.faces.api.clean import clean_text
from sparewatt.faces.api.problems import ProblemError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sparewatt.faces.api.place import ApiPlace

LOG = logging.getLogger(__name__)
NOTICES = "notices"
"""Id of what shows notices, on every page."""
BUG = "Something went wrong here that should not. It is noted in the log of the server; nothing was lost."


class Desk:
    """What pages are registered with.

    Parameters
    ----------
    app
        The application.
    place
        The store and the data folder.
    """

    def __init__(self, app: dash.Dash, place: ApiPlace) -> None:
        self.app, self.place = app, place

    def answer(self, *wired: Any, **settings: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:  # noqa: ANN401 - Dash's form
        """Register a function for outputs, inputs and states, as ``Dash.callback`` does.

        It runs in a thread, so no answer keeps another waiting. What it raises of ours is told to the user
        as a notice and changes nothing on the page; anything else goes to the log and is told as a bug.
        """

        def register(function: Callable[..., Any]) -> Callable[..., Any]:
            @functools.wraps(function)
            def told(*given: Any) -> Any:  # noqa: ANN401 - Dash's form
                try:
                    return function(*given)
                except PreventUpdate:
                    raise
                except (SparewattError, ProblemError) as error:
                    tell(error_words(error, self.place), kind="error")
                except Exception:
                    LOG.exception("an answer of the page failed: %s", function.__qualname__)
                    tell(BUG, kind="error")
                return dash.no_update  # PreventUpdate would take the notice along

            @functools.wraps(function)
            async def in_thread(*given: Any) -> Any:  # noqa: ANN401 - Dash's form
                return await anyio.to_thread.run_sync(told, *given)

            self.app.callback(*wired, **settings)(in_thread)
            return function

        return register

    def in_browser(self, script: str, *wired: Any, **settings: Any) -> None:  # noqa: ANN401 - Dash's form
        """Register a function of the browser, by name in an asset: ``"sparewatt.follow"``."""
        space, _, name = script.partition(".")
        self.app.clientside_callback(dash.ClientsideFunction(space, name), *wired, **settings)


def error_words(error: Exception, place: ApiPlace) -> str:
    """What an error says to people, without a path of this machine."""
    text = getattr(error, "detail", None) or str(error)
    return clean_text(text, [Path(place.data)])


def tell(message: str, *, kind: str = "done", title: str = "") -> None:
    """Show a notice from within an answer; ``kind`` is ``done``, ``warning`` or ``error``."""
    titles = {"done": "Done", "warning": "Please look", "error": "That did not work"}
    colours = {"done": "teal", "warning": "orange", "error": "red"}
    notice = {
        "action": "show",
        "title": title or titles[kind],
        "message": message,
        "color": colours[kind],
        "closeButtonProps": {"aria-label": "Close"},
        "autoClose": 6000 if kind == "done" else 20000,
    }
    dash.set_props(NOTICES, {"sendNotifications": [notice]})
