"""Sight: what is seen of a draft, each part worked out when somebody first looks at it, and kept."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from sparewatt.studies.neighbourhood_job_list import JobRow, job_rows
from sparewatt.studies.neighbourhood_timeline import JobSpan, Timeline, draft_timeline, job_spans
from sparewatt.studies.neighbourhood_view import HouseView, curve_users, house_views

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sparewatt.studies.neighbourhood_draft import Draft


@dataclass(frozen=True)
class Sight:
    """A draft and what is seen of it; a draft never changes, so each part is true for ever.

    Parameters
    ----------
    draft
        The neighbourhood.
    """

    draft: Draft

    @cached_property
    def houses(self) -> tuple[HouseView, ...]:
        """Its houses."""
        return house_views(self.draft)

    @cached_property
    def spans(self) -> tuple[JobSpan, ...]:
        """When its jobs may run."""
        return job_spans(self.draft)

    @cached_property
    def timeline(self) -> Timeline:
        """Its sun and jobs over time."""
        return draft_timeline(self.draft, self.spans)

    @cached_property
    def jobs(self) -> tuple[JobRow, ...]:
        """Its jobs as a table."""
        return job_rows(self.draft, self.spans)

    @cached_property
    def users(self) -> Mapping[str, list[str]]:
        """Who uses each curve."""
        return curve_users(self.draft)
