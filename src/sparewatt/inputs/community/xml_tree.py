"""XML as nested elements with their lines; entities and document types are refused (rule 11)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler

import defusedxml.sax
from defusedxml import DefusedXmlException

if TYPE_CHECKING:
    from xml.sax.xmlreader import AttributesImpl

    from sparewatt.inputs.finding_log import FindingLog

_DEEPEST = 16
_MOST_ELEMENTS = 5_000_000


@dataclass
class XmlElement:
    """An element.

    Parameters
    ----------
    tag
        Its name in lower case, without a namespace.
    id
        Its attribute ``id``, stripped; empty where it has none.
    line
        Where it begins.
    text
        Its own text, stripped at the end of parsing.
    children
        Elements inside it.
    """

    tag: str
    id: str
    line: int
    text: str = ""
    children: list[XmlElement] = field(default_factory=list)

    def child_text(self, tag: str) -> str | None:
        """Text of the first child of a name, or ``None`` where there is none."""
        return next((c.text for c in self.children if c.tag == tag), None)


class _TooDeepError(Exception):
    """Elements lie deeper than any neighbourhood's do, or are too many."""


class _Builder(ContentHandler):
    def __init__(self) -> None:
        super().__init__()
        self.root: XmlElement | None = None
        self._open: list[XmlElement] = []
        self._count = 0

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802 - the interface's name
        """An element begins."""
        line = self._locator.getLineNumber() or 0  # type: ignore[attr-defined]
        given = attrs.getValue("id") if "id" in attrs.getNames() else ""
        element = XmlElement(name.rpartition(":")[2].lower(), str(given).strip(), line)
        self._count += 1
        if len(self._open) >= _DEEPEST or self._count > _MOST_ELEMENTS:
            raise _TooDeepError
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def endElement(self, name: str) -> None:  # noqa: ARG002, N802 - the interface's form
        """An element ends."""
        element = self._open.pop()
        element.text = element.text.strip()

    def characters(self, content: str) -> None:
        """Text of the element that is open."""
        if self._open and not content.isspace():
            self._open[-1].text += content


def read_xml(name: str, content: bytes, log: FindingLog) -> XmlElement | None:
    """The root element, or ``None`` where the content is not XML that is accepted, which is noted."""
    builder = _Builder()
    try:
        defusedxml.sax.parseString(content, builder, forbid_dtd=True)
    except DefusedXmlException as error:
        message = "holds a document type or entities, which are not read"
        value = str(getattr(error, "name", "")) or type(error).__name__
        remedy = "plain XML without <!DOCTYPE and <!ENTITY"
        log.add("community.xml.entities", "error", name, message, value, remedy)
        return None
    except SAXParseException as error:
        where, message = f"{name} row {error.getLineNumber()}", f"is not XML: {error.getMessage()}"
        log.add("community.xml.form", "error", where, message, "", "every tag that opens is closed")
        return None
    except _TooDeepError:
        message = "elements lie deeper, or are more, than those of any neighbourhood"
        remedy = "neighbourhood, house, user, device"
        log.add("community.xml.form", "error", name, message, "", remedy)
        return None
    except (ValueError, LookupError) as error:  # an encoding that is not known
        log.add("community.xml.form", "error", name, f"is not XML: {error}", "", "UTF-8")
        return None
    return builder.root
