"""Routes of the scores of a neighbourhood's producers: what the next run begins with."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from sparewatt.faces.api.bodies import FAR
from sparewatt.faces.api.place import Place  # noqa: TC001 - FastAPI reads the annotations
from sparewatt.studies.community_scores import read_kept_scores, reset_kept_scores

router = APIRouter(tags=["neighbourhoods"])

Number = Annotated[int, Path(ge=1, lt=FAR, description="Number of the neighbourhood", examples=[1])]


class ScoresBody(BaseModel):
    """Scores of the producers of a neighbourhood; the lowest is asked first, new ones begin with 10."""

    scores: dict[str, float] = Field(description="Of every producer with a forecast, by its id")


@router.get("/neighbourhoods/{number}/scores")
def show_scores(place: Place, number: Number) -> ScoresBody:
    """The scores that the next run begins with, of all producers with a forecast, new ones too."""
    return ScoresBody(scores=read_kept_scores(place.store, number))


@router.delete("/neighbourhoods/{number}/scores")
def forget_scores(place: Place, number: Number) -> ScoresBody:
    """Let all producers begin anew, and show the scores that they have now."""
    return ScoresBody(scores=reset_kept_scores(place.store, number))
