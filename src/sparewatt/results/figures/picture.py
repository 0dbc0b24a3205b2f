"""Picture: a figure with its words, as SVG or PNG."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from sparewatt.results.figures.style import INK, drawing

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_FONT = re.compile(r"font: ([0-9.]+px|[^;]*? [0-9.]+px) [^;\"]*")
_OUTLINE = re.compile(r'\bd="[^"]*"')
_NUMBER = re.compile(r"-?[0-9]+\.[0-9]+")
_FAMILY = "system-ui, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif"
_DARK = (
    ".sparewatt-{name}{{color:#1a1f26;background:transparent}}"
    "@media (prefers-color-scheme:dark){{.sparewatt-{name}{{color:#e4e8ee}}}}"
)


@dataclass(frozen=True)
class Picture:
    """One picture.

    Parameters
    ----------
    name
        Stable name, also the file stem and the prefix of the ids inside the SVG.
    title
        What it shows, in a few words.
    caption
        What to see and how the data were thinned, in sentences; also the text for those who cannot see it.
    figure
        The drawing.
    digits
        Decimals of coordinates in an SVG, for pictures of very many points; as drawn where not given.
    """

    name: str
    title: str
    caption: str
    figure: Figure
    digits: int | None = None

    def svg(self, *, standalone: bool = True) -> str:
        """The picture as SVG with real text, transparent, readable on light and dark.

        ``standalone`` adds the XML header and its own text colours; without it the SVG is to be put into
        a page, whose ``color`` it takes.
        """
        out = io.StringIO()
        with drawing():
            metadata = {"Date": None, "Creator": None, "Format": None, "Type": None}
            self.figure.savefig(out, format="svg", transparent=True, metadata=metadata)
        text = out.getvalue().replace(INK, "currentColor")
        text = _FONT.sub(rf"font: \1 {_FAMILY}", text)
        text = re.sub(r'(\bid="|url\(#|xlink:href="#)', rf"\g<1>{self.name}-", text)
        text = re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.DOTALL)
        text = re.sub(r"<!--.*?-->\s*", "", text, flags=re.DOTALL)
        body = text[text.index("<svg") :]
        if self.digits is not None:
            body = _OUTLINE.sub(lambda m: _NUMBER.sub(self._rounded, m[0]), body)
        words = f"<title>{escape(self.title)}</title><desc>{escape(self.caption)}</desc>"
        style = f"<style>{_DARK.format(name=self.name)}</style>" if standalone else ""
        body = re.sub(
            r"^<svg ([^>]*)>",
            lambda m: f'<svg role="img" class="sparewatt-{self.name}" {m[1]}>{words}{style}',
            body,
            count=1,
        )
        return f'<?xml version="1.0" encoding="utf-8"?>\n{body}' if standalone else body

    def _rounded(self, number: re.Match[str]) -> str:
        """A coordinate with fewer decimals."""
        return f"{float(number[0]):.{self.digits}f}".rstrip("0").rstrip(".")

    def png(self, dpi: int = 160) -> bytes:
        """The picture as PNG on white."""
        out = io.BytesIO()
        with drawing():
            self.figure.savefig(out, format="png", dpi=dpi, facecolor="white", metadata={"Software": None})
        return out.getvalue()
