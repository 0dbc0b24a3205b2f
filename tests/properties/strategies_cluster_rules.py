"""Strategies: one cluster with its vehicles and limits in one period, ordinary and at the edges."""

from __future__ import annotations

import math

from hypothesis import strategies as st

from support.cluster_meaning import Car, Hub

SOCS = st.one_of(st.sampled_from([0.0, 0.2, 0.5, 0.8, 1.0]), st.floats(0, 1).map(lambda x: round(x, 4)))
POWERS = st.sampled_from([0.0, 3.7, 11.0, 22.0, 50.0])
RANGES = st.sampled_from(
    [
        (),
        ((0.0, 1.0, 20.0),),
        ((0.0, 0.5, 50.0), (0.5, 0.7, 40.0), (0.7, 1.0, 30.0)),
        ((0.0, 0.2, 7.0), (0.2, 0.8, 150.0), (0.8, 1.0, 2.5)),
    ]
)


@st.composite
def cars(draw: st.DrawFn) -> Car:
    least = draw(st.sampled_from([0.0, 0.1, 0.3]))
    return Car(
        soc=draw(SOCS),
        target=draw(SOCS),
        least=least,
        most=draw(st.sampled_from([0.8, 0.95, 1.0])),
        kwh=draw(st.sampled_from([10.0, 40.0, 77.0, 400.0])),
        charge=draw(POWERS.filter(bool)),
        discharge=draw(POWERS),
        efficiency=draw(st.sampled_from([1.0, 0.95, 0.8])),
        lead=draw(
            st.one_of(st.sampled_from([-1.0, 0.0, 0.25, 8.0]), st.floats(-2, 48).map(lambda x: round(x, 3)))
        ),
        v2g_left=draw(st.sampled_from([0.0, 0.5, 10.0, 1000.0])),
        ranges=draw(RANGES),
    )


@st.composite
def hubs(draw: st.DrawFn) -> Hub:
    """Equal vehicles stand among the others, so that ties are met."""
    some = draw(st.lists(cars(), max_size=6))
    many = draw(st.lists(st.sampled_from(some), max_size=10)) if some else []
    limit = st.one_of(st.sampled_from([-math.inf, -30.0, 0.0, 11.0, 100.0, math.inf]), st.floats(-150, 300))
    lower, upper = sorted((draw(limit), draw(limit)))
    return Hub((*some, *many), lower, upper, draw(st.sampled_from([1 / 3600, 1 / 12, 0.25, 1.0])))
