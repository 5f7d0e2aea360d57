"""Small loops over customers, by hand: occasions, unmet needs, outlets, brands, niches, fairness, points, accounts."""

import numpy as np
import pytest

from sim.ground.grid import ROUND
from sim.science.kernels.complaint import react, tally_moods
from sim.science.kernels.customer_management import attend_accounts, spare
from sim.science.kernels.customer_value import add_redress
from sim.science.kernels.dealers import keep_to_channel, want_outlet
from sim.science.kernels.draw import uniforms
from sim.science.kernels.entry import know_brand, shut_out
from sim.science.kernels.fairness import mind, mind_served
from sim.science.kernels.levels_of_need import deliver_fit
from sim.science.kernels.loyalty_programme import earn, reach_tiers, spend
from sim.science.kernels.market_creation import bring_needs, count_created, leave_needs, place_needs
from sim.science.kernels.occasions import fill, keep_alive, tally_occasions
from sim.science.kernels.purchase_incidence import arise_occasions
from sim.science.rules.complaint import CONTENT, SILENT

f4, i1, i2, u1, u4 = np.float32, np.int8, np.int16, np.uint8, np.uint32
KEY = u4(5), u4(7)
EVERYBODY = np.arange(4, dtype=u4)


def uniform(who=EVERYBODY, period=0):
    draw = np.empty(len(who), f4)
    uniforms(who, u4(period), *KEY, draw)
    return draw


def test_who_is_not_there_has_no_occasion_and_the_others_are_counted():
    occasions, alive = np.empty(4, u1), np.array([True, False, True, True])
    fill(u1(200), occasions)
    keep_alive(alive, occasions)
    assert occasions.tolist() == [200, 0, 200, 200]
    present, count = np.ones(1, np.int64), np.ones(1, np.int64)
    tally_occasions(alive, occasions, present, count)
    assert (present[0], count[0]) == (4, 601), "added to what was there"


def test_drawn_occasions_come_in_the_place_of_the_usual_one_and_leave_those_of_others():
    room, drawn, more = np.empty((2, 4), f4), np.ones(4, u1), np.full(4, 2, u1)
    for occasions in (drawn, more):
        arise_occasions(EVERYBODY, u4(0), *KEY, np.full(4, 1.5, f4), f4(1), *room, occasions)
    assert (more - drawn == 1).all()
    arise_occasions(EVERYBODY, u4(0), *KEY, np.zeros(4, f4), f4(1), *room, fewer := np.ones(4, u1))
    assert not fewer.any()


def test_an_unmet_need_is_one_occasion_more_the_last_and_only_where_it_is_served():
    alive, segment, opened = np.array([1, 1, 0, 1], bool), np.array([0, 1, 0, 0], u1), np.array([True, False])
    unmet, occasions = np.ones(4, bool), np.array([1, 1, 0, 2], u1)
    bring_needs(EVERYBODY, u4(0), *KEY, alive, segment, opened, f4(1), np.empty(4, f4), unmet, occasions)
    assert unmet.tolist() == [True, False, False, True]
    assert occasions.tolist() == [2, 1, 0, 3]
    second, place = u4(1 << ROUND), np.empty(4, f4)
    place_needs(EVERYBODY, second, *KEY, unmet, occasions, place)
    assert place[0] == uniform(period=second)[0]
    assert (place[1:] == -1).all(), "ordinary needs, and the third occasion's"
    appeal, cell = np.zeros((2, 4), f4), np.array([0, 1, 1, 1], np.uint16)
    leave_needs(place, np.array([float(place[0]), 0.0]), cell, appeal[0])
    leave_needs(place, np.array([1.0, 0.0]), cell, appeal[1])
    assert appeal[0].tolist() == [-np.inf, 0, 0, 0], "what is just at the edge is not served"
    assert not appeal[1].any()
    created = np.zeros(2, np.int64)
    count_created(second, unmet, occasions, np.array([1, 1, -1, 0], i1), created)
    assert created.tolist() == [0, 1]


def test_an_outlet_is_wanted_for_good_but_only_in_its_channel():
    wants, room = np.empty(4, bool), np.empty((2, 4), f4)
    want_outlet(EVERYBODY, *KEY, np.array([0, 0, 1, 1], u1), np.array([1, 0], f4), *room, wants)
    assert wants.tolist() == [True, True, False, False]
    keep_to_channel(np.array([2, 1, 2, -1], i1), i1(2), wants)
    assert wants.tolist() == [True, False, False, False]


def test_who_knows_the_brand_is_aware_of_the_firm_and_nobody_is_set_back():
    stages = np.array([0, 0, 2, 4], u1)
    know_brand(np.array([0, 3, 3, 0], u1), stages)
    assert stages.tolist() == [0, 1, 2, 4]


def test_nobody_outside_the_niche_considers_the_firm():
    appeal = np.ones(4, f4)
    shut_out(np.array([False, True]), np.array([0, 1, 1, 0], np.uint16), appeal)
    assert appeal.tolist() == [1, -np.inf, -np.inf, 1]


def test_what_others_get_more_is_taken_off():
    missed, cell = np.array([[0.5, 0.0], [1.0, 2.0]], f4), np.array([0, 1, 0, 1], np.uint16)
    appeal, quality = np.ones(4, f4), np.ones(4, f4)
    mind(missed[1], f4(0.5), cell, appeal)
    assert appeal.tolist() == [0.5, 0, 0.5, 0]
    mind_served(np.array([0, 1, -1, 0], i1), missed, f4(0.5), cell, quality)
    assert quality.tolist() == [0.75, 0, 1, 1]


def test_a_complaint_costs_the_firm_that_pays_for_it():
    cost, price = np.empty(4, f4), np.array([0, 5, 31], f4)
    mood, pays = np.array([1, 2, 2, 0], u1), np.array([True, False])
    add_redress(np.array([0, 0, 1, 0], i1), mood, pays, price, f4(1), cost)
    assert cost.tolist() == [6, 32, 1, 1]


def test_moods_are_counted_once_a_disappointed_buyer_and_who_gives_up_wanted_to_complain():
    wish, luck = np.array([KEY], u4), np.array([(u4(1), u4(2))], u4)
    provider, gap = np.array([0, 0, 0, -1], i1), np.array([-1, -1, 1, -1], f4)
    mood = np.full(4, SILENT, u1)
    react(EVERYBODY, u4(0), wish, luck, provider, gap, f4(0.5), f4(0), np.ones(1, f4), f4(0), mood)
    assert mood.tolist() == [SILENT, SILENT, CONTENT, SILENT], "who bought nothing stays as he was"
    moods, gave_up = np.zeros((5, 1), np.int64), np.zeros(1, np.int64)
    tally_moods(EVERYBODY, u4(0), wish, provider, mood, f4(1), f4(0), moods, gave_up)
    assert moods.ravel().tolist() == [0, 0, 0, 0, 2]
    assert gave_up[0] == 2, "all want to, nobody is heard"


def test_key_accounts_are_attended_by_their_own_firm_only():
    quality, accounts = np.zeros(4, f4), np.array([1, 3, 9], u4)
    attend_accounts(np.array([0, 0, 0, 1], i1), i1(0), EVERYBODY, accounts, f4(0.25), quality)
    assert quality.tolist() == [0, 0.25, 0, 0]
    spare(np.array([99, 100, 101], i2), i2(100), spared := np.empty(3, bool))
    assert spared.tolist() == [False, True, True]


def test_paid_trips_earn_by_tier_and_free_ones_cost_the_threshold():
    provider, free, place = np.array([1, 1, 0, 1], i1), np.array([0, 1, 0, 0], bool), EVERYBODY[::-1].copy()
    bought = np.array([0b111, 0, 0, 0b1], u4)
    points, earned, redeemed = np.full(4, 50, i2), np.zeros(2, np.int64), np.zeros(2, np.int64)
    earn(provider, place, free, bought, 1, np.array([2], u4), np.array([10, 15], i2), points, earned)
    assert points.tolist() == [65, 50, 50, 60]
    spend(provider, place, free, 1, i2(40), points, redeemed)
    assert points.tolist() == [65, 50, 10, 60]
    assert (earned.tolist(), redeemed.tolist()) == ([0, 25], [0, 40])
    reach_tiers(bought, np.array([1, 3], u4), np.array([0.1, 0.2, 0.3], f4), np.empty(4, f4), step := np.empty(4, f4))
    assert step == pytest.approx([0.3, 0.1, 0.1, 0.2])


def test_the_fit_of_a_dimension_counts_on_its_level():
    worth, ideal = np.zeros((3, 2), f4), np.array([[0.0, 0.0], [1.0, 1.0]], f4)
    position, terms = np.array([[[0.0], [1.0]]], f4), (f4(2), f4(0.5))
    deliver_fit(np.array([0, -1], i1), np.zeros(2, np.uint16), ideal, position, np.array([2, -1]), *terms, np.empty(2, f4), worth)
    assert worth.tolist() == [[0, 0], [0, 0], [0.5, 0]]
