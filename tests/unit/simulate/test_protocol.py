"""Each rule of the protocol on a case small enough to follow by hand; periods are 5 min from 07:00."""

from __future__ import annotations

import numpy as np
import pytest

from sparewatt.model.cluster_system import Traffic
from sparewatt.model.operating_rules import OperatingRules
from sparewatt.model.trace import BookingState, Fate
from sparewatt.simulate.hub import HubSimulation, simulate_hub
from support.hubs import Unit, Visit, make_fleet, make_system

ONE, TWO = ((Unit(),),), ((Unit(), Unit()),)
TWO_CLUSTERS = ((Unit(),), (Unit(), Unit()))


def run(visits, clusters=ONE, *, periods=24, traffic=None, **rules):
    system = make_system(clusters, periods=periods, traffic=traffic)
    return simulate_hub(system, make_fleet(visits), OperatingRules(**rules))


def stays(trace):
    """Vehicle, unit, first, end of every connection."""
    c = trace.connections
    return list(zip(c.vehicle.tolist(), c.evse.tolist(), c.first.tolist(), c.end.tolist(), strict=True))


def booked(trace):
    """Vehicle, unit, first, end, closed, state of every booking."""
    b = trace.bookings
    columns = (b.vehicle, b.evse, b.first, b.end, b.closed, b.state)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def fates(trace):
    return [Fate(f) for f in trace.fate]


def test_walk_in_books_until_its_declared_departure():
    trace = run([Visit(10, 60)])
    assert stays(trace) == [(0, 0, 2, 12)]
    assert booked(trace) == [(0, 0, 2, 12, 12, BookingState.USED)]
    assert trace.bookings.made.tolist() == [2]


def test_only_whole_periods_inside_the_stay_charge():
    trace = run([Visit(11, 59)])
    assert stays(trace) == [(0, 0, 3, 11)]
    assert run([Visit(11, 19)]).fate.tolist() == [Fate.TOO_SHORT]
    assert fates(run([Visit(11, 14)])) == [Fate.TOO_SHORT]


def test_vehicle_from_before_the_start_is_connected_at_once_and_one_that_left_is_not():
    trace = run([Visit(-300, 10), Visit(-300, 0)])
    assert stays(trace) == [(0, 0, 0, 2)]
    assert fates(trace) == [Fate.ADMITTED, Fate.TOO_SHORT]


def test_ties_of_arrival_go_by_time_then_id():
    late, early = Visit(4, 60, name="a"), Visit(3, 60, name="z")
    assert stays(run([late, early]))[0][0] == 1
    assert stays(run([Visit(3, 60, name="z"), Visit(3, 60, name="a")]))[0][0] == 1


def test_nothing_free_turns_away():
    trace = run([Visit(0, 60), Visit(10, 60)])
    assert fates(trace) == [Fate.ADMITTED, Fate.NO_FREE_EVSE]


def test_departure_frees_for_an_arrival_at_the_same_boundary():
    assert stays(run([Visit(0, 30), Visit(30, 60)])) == [(0, 0, 0, 6), (1, 0, 6, 12)]


def test_queue_is_first_come_first_served_and_waiting_is_counted():
    trace = run([Visit(0, 30), Visit(10, 90), Visit(5, 60)], queue=True)
    assert stays(trace) == [(0, 0, 0, 6), (2, 0, 6, 12), (1, 0, 12, 18)]
    assert trace.waited_h.tolist() == pytest.approx([0, 50 / 60, 25 / 60])


def test_who_waits_leaves_the_queue_at_its_departure():
    trace = run([Visit(0, 60), Visit(5, 30)], queue=True)
    assert fates(trace) == [Fate.ADMITTED, Fate.LEFT_QUEUE]
    assert trace.waited_h.tolist() == pytest.approx([0, 25 / 60])


def test_who_waits_at_the_end_is_not_yet_served():
    trace = run([Visit(0, 600), Visit(60, 600), Visit(121, 200)], queue=True)
    assert fates(trace) == [Fate.ADMITTED, Fate.NOT_YET, Fate.NOT_YET]
    assert trace.waited_h.tolist() == pytest.approx([0, 1, 0])
    assert trace.connections.still_connected.tolist() == [True]
    assert trace.connections.end.tolist() == [24]
    assert trace.bookings.state.tolist() == [BookingState.ACTIVE]


def test_who_leaves_with_the_last_boundary_has_left():
    trace = run([Visit(0, 120), Visit(0, 121)], TWO)
    assert trace.connections.still_connected.tolist() == [False, True]
    assert trace.connections.end.tolist() == [24, 24]
    assert trace.bookings.closed.tolist() == [24, -1]


def test_rerouting_goes_where_most_units_are_free():
    visits = [Visit(0, 60), Visit(5, 60)]
    assert fates(run(visits, TWO_CLUSTERS))[1] == Fate.NO_FREE_EVSE
    assert stays(run(visits, TWO_CLUSTERS, reroute=True))[1] == (1, 1, 1, 12)
    three = ((Unit(),), (Unit(),), (Unit(), Unit()))
    assert stays(run(visits, three, reroute=True))[1][1] == 2


def test_without_a_target_any_cluster_will_do():
    trace = run([Visit(0, 60, cluster=None), Visit(0, 60, cluster=None)], TWO_CLUSTERS)
    assert [unit for _, unit, _, _ in stays(trace)] == [1, 0]  # two free in the second, then one in each


def test_unit_is_the_weakest_that_serves_the_vehicle_whole():
    units = ((Unit(22), Unit(7), Unit(11), Unit(11)),)
    trace = run([Visit(k, 90) for k in range(4)], units)
    assert [unit for _, unit, _, _ in stays(trace)] == [2, 3, 0, 1]
    assert stays(run([Visit(0, 90, charge_kw=50)], units))[0][1] == 0
    assert stays(run([Visit(0, 90, charge_kw=5)], units))[0][1] == 1


def test_simple_reservation_keeps_others_out_of_its_window():
    books = Visit(60, 90, books=0)
    trace = run([books, Visit(10, 60), Visit(10, 65)], reservation="simple")
    assert fates(trace) == [Fate.ADMITTED, Fate.ADMITTED, Fate.NO_FREE_EVSE]
    assert booked(trace)[0] == (0, 0, 12, 18, 18, BookingState.USED)
    assert trace.bookings.made.tolist()[0] == 0
    ignored = run([books, Visit(10, 65)], reservation="none")
    assert fates(ignored) == [Fate.NO_FREE_EVSE, Fate.ADMITTED]


def test_a_refused_reservation_does_not_come():
    trace = run([Visit(30, 60, books=0), Visit(40, 80, books=5)], reservation="simple")
    assert fates(trace) == [Fate.ADMITTED, Fate.RESERVATION_REFUSED]
    assert len(trace.connections) == 1


def test_requests_are_heard_by_time_then_id():
    trace = run([Visit(30, 60, books=3, name="b"), Visit(30, 60, books=3, name="a")], reservation="simple")
    assert fates(trace) == [Fate.RESERVATION_REFUSED, Fate.ADMITTED]


def test_reservation_is_rerouted_and_without_a_target_tries_in_order():
    visits = [Visit(30, 60, books=0), Visit(30, 60, books=0)]
    trace = run(visits, TWO_CLUSTERS, reservation="simple", reroute=True)
    assert [unit for _, unit, _, _ in stays(trace)] == [0, 1]
    trace = run([Visit(30, 60, books=0, cluster=None)] * 2, TWO_CLUSTERS, reservation="simple")
    assert [unit for _, unit, _, _ in stays(trace)] == [0, 1]


def test_traffic_moves_the_booked_window():
    roads = Traffic(np.array([600]), np.array([1200]), np.array([0.0]))
    trace = run([Visit(40, 60, books=0, says_arrival=21)], reservation="simple", traffic=roads)
    assert booked(trace)[0][2:4] == (7, 16)


def test_early_vehicle_gets_its_unit_where_it_is_free_until_then():
    trace = run([Visit(30, 90, books=0, says_arrival=60)], reservation="simple")
    assert stays(trace) == [(0, 0, 6, 18)]
    assert booked(trace) == [(0, 0, 6, 18, 18, BookingState.USED)]


def test_early_vehicle_gets_another_unit_where_its_own_is_booked_before():
    first = Visit(40, 60, books=0)
    second = Visit(30, 90, books=0, says_arrival=60)
    blocker = Visit(20, 110, books=0, says_arrival=30)  # on the other unit until 110
    trace = run([first, blocker, second], TWO, reservation="simple")
    assert fates(trace) == [Fate.ADMITTED, Fate.ADMITTED, Fate.NO_FREE_EVSE]
    trace = run([first, second], TWO, reservation="simple")
    assert (1, 0, 12, 18, 6, BookingState.MOVED) in booked(trace)
    assert (1, 1, 6, 18) in stays(trace)


def test_late_vehicle_within_the_grace_time_still_has_its_unit():
    trace = run([Visit(45, 90, books=0, says_arrival=30)], reservation="simple", grace_s=900)
    assert stays(trace) == [(0, 0, 9, 18)]
    assert booked(trace) == [(0, 0, 6, 18, 18, BookingState.USED)]


def test_later_it_walks_in_to_the_cluster_it_booked():
    visit = Visit(50, 90, books=0, says_arrival=30)
    trace = run([visit], reservation="simple", grace_s=900)
    assert booked(trace) == [
        (0, 0, 6, 18, 9, BookingState.RELEASED),
        (0, 0, 10, 18, 18, BookingState.USED),
    ]
    taken = run([visit, Visit(45, 60)], reservation="simple", grace_s=900)
    assert fates(taken) == [Fate.NO_FREE_EVSE, Fate.ADMITTED]


def test_no_show_blocks_until_its_grace_has_ended():
    trace = run(
        [Visit(None, 90, books=0, says_arrival=30), Visit(30, 60), Visit(45, 60)],
        reservation="simple",
        grace_s=900,
    )
    assert fates(trace) == [Fate.NO_SHOW, Fate.NO_FREE_EVSE, Fate.ADMITTED]
    assert booked(trace)[0] == (0, 0, 6, 18, 9, BookingState.RELEASED)


def test_a_booking_ends_before_a_longer_grace():
    trace = run([Visit(None, 40, books=0, says_arrival=30)], reservation="simple", grace_s=3600)
    assert booked(trace) == [(0, 0, 6, 8, 8, BookingState.RELEASED)]


def test_a_booking_that_has_not_begun_at_the_end_is_open():
    trace = run([Visit(200, 300, books=0)], reservation="simple")
    assert booked(trace) == [(0, 0, 40, 60, -1, BookingState.OPEN)]
    assert fates(trace) == [Fate.NOT_YET]


def test_overstaying_vehicle_blocks_its_unit_and_the_next_is_moved():
    stays_on = Visit(0, 90, says_departure=30)
    booked_next = Visit(40, 100, books=0)
    trace = run([stays_on, booked_next], TWO, reservation="simple")
    assert stays(trace) == [(0, 0, 0, 18), (1, 1, 8, 20)]
    assert booked(trace) == [
        (1, 0, 8, 20, 8, BookingState.MOVED),
        (0, 0, 0, 6, 18, BookingState.USED),
        (1, 1, 8, 20, 20, BookingState.USED),
    ]
    alone = run([stays_on, booked_next], reservation="simple", grace_s=600)
    assert fates(alone) == [Fate.ADMITTED, Fate.NO_FREE_EVSE]
    assert booked(alone)[0] == (1, 0, 8, 20, 10, BookingState.RELEASED)
    waits = run([stays_on, booked_next], reservation="simple", queue=True)
    assert stays(waits) == [(0, 0, 0, 18), (1, 0, 18, 20)]
    assert booked(waits)[0] == (1, 0, 8, 20, 20, BookingState.USED)


def test_moved_vehicle_is_rerouted_when_its_cluster_is_full():
    visits = [Visit(0, 90, says_departure=30), Visit(40, 100, books=0)]
    trace = run(visits, TWO_CLUSTERS, reservation="simple", reroute=True)
    assert (1, 1, 8, 20) in stays(trace)
    assert (1, 0, 8, 20, 8, BookingState.MOVED) in booked(trace)


def test_walk_in_past_its_declared_departure_books_one_period():
    trace = run([Visit(30, 60, says_departure=20)])
    assert booked(trace) == [(0, 0, 6, 7, 12, BookingState.USED)]


def test_who_came_before_its_request_is_heard_walks_in():
    trace = run([Visit(10, 60, books=20)], reservation="simple")
    assert booked(trace) == [(0, 0, 2, 12, 12, BookingState.USED)]


def test_stays_longer_than_a_day():
    trace = run([Visit(0, 40 * 60)], periods=600)
    assert stays(trace) == [(0, 0, 0, 480)]


def test_a_year_keeps_what_happened_and_no_more():
    trace = run([Visit(60 * 24 * 364, 60 * 24 * 364 + 60, soc=0.89)], periods=105_120)
    assert stays(trace) == [(0, 0, 104_832, 104_844)]
    assert trace.setting.period.tolist() == [104_832, 104_838, 104_839]  # 5.5 kWh in half an hour, then 0.55


def test_availability_and_occupation_as_they_are_now():
    visits = [Visit(0, 90, says_departure=30), Visit(60, 90, books=0), Visit(90, 115, books=200)]
    simulation = HubSimulation(make_system(TWO), make_fleet(visits), OperatingRules(reservation="simple"))
    simulation.advance(8)
    assert simulation.occupied().tolist() == [True, False]  # the first overstays, and has nothing booked
    assert simulation.free_evses(0, 8, 12).tolist() == [1]
    assert simulation.free_evses(0, 9, 12).tolist() == [0, 1]
    assert simulation.free_evses(0, 12, 18).tolist() == [1]
    assert simulation.free_evses(0, 18, 20).tolist() == [0, 1]


def test_steps_of_a_second():
    system = make_system(ONE, periods=120, step_s=1)
    trace = simulate_hub(system, make_fleet([Visit(0.5, 1.5)]), OperatingRules())
    assert stays(trace) == [(0, 0, 30, 90)]
    assert trace.connections.g2v_kwh[0] == pytest.approx(11 * 60 / 3600)
