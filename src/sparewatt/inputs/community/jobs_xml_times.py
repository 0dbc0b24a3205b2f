"""Times of a jobs XML before it is taken in: from which moment they count, nobody but people can tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparewatt.inputs.community.jobs_xml import TIMES, WHOLE_NUMBER
from sparewatt.inputs.community.neighbourhood_xml import read_houses
from sparewatt.inputs.community.xml_tree import read_xml

if TYPE_CHECKING:
    from sparewatt.inputs.finding_log import FindingLog


@dataclass(frozen=True)
class XmlTimes:
    """What times a jobs XML has, from whatever moment they count.

    Parameters
    ----------
    jobs
        Number of jobs.
    first_s, last_s
        The least and the greatest of all times as they stand there; 0 where there is none [s].
    """

    jobs: int
    first_s: int
    last_s: int


def read_xml_times(content: bytes, name: str, log: FindingLog) -> XmlTimes | None:
    """What times a jobs XML has; ``None`` where it is no XML of houses, which is noted.

    Parameters
    ----------
    content, name, log
        As of `sparewatt.inputs.community.jobs_xml.read_xml_jobs`; what is no whole number is left out.
    """
    root = read_xml(name, content, log)
    if root is None:
        return None
    users = [user for _, house in read_houses(root, name, log) for user in house.children]
    entries = [entry for user in users for entry in user.children]
    texts = [entry.child_text(tag) or "" for entry in entries for tag in TIMES]
    times = [int(text) for text in texts if WHOLE_NUMBER.fullmatch(text)]
    return XmlTimes(len(entries), min(times, default=0), max(times, default=0))
