"""Events by time, then kind, then the order of the files."""

from __future__ import annotations

from sparewatt.simulate.community_events import EventKind, EventQueue


def order(queue: EventQueue) -> list[tuple[int, str, int]]:
    names = {EventKind.FORECAST_FIRST: "forecast", EventKind.FORECAST: "forecast"}
    events = [queue.pop() for _ in range(len(queue))]
    return [(e.time_s, names.get(e.kind, e.kind.name.lower()), e.row) for e in events]


def test_jobs_in_file_order_then_predictions_then_starts():
    queue = EventQueue([(60, 0), (0, 1), (60, 2)], [(60, 0), (60, 1)], predictions_first=False)
    queue.push_start(60, 7)
    queue.push_start(60, 3)
    assert order(queue) == [
        (0, "job", 1),
        (60, "job", 0),
        (60, "job", 2),
        (60, "forecast", 0),
        (60, "forecast", 1),
        (60, "start", 7),
        (60, "start", 3),
    ]


def test_predictions_first():
    queue = EventQueue([(60, 0)], [(60, 0), (0, 1)], predictions_first=True)
    queue.push_start(60, 0)
    assert order(queue) == [(0, "forecast", 1), (60, "forecast", 0), (60, "job", 0), (60, "start", 0)]


def test_news_at_this_very_time():
    queue = EventQueue([(0, 0), (0, 1), (60, 2)], [], predictions_first=False)
    queue.pop()
    assert queue.is_more_news_at(0)
    queue.pop()
    assert not queue.is_more_news_at(0)
    queue.push_start(60, 0)
    queue.pop()
    assert not queue.is_more_news_at(60)  # only a start is left at that time
