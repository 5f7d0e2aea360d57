"""What is told, to whom, how far: networks and reports."""

import numpy as np
import pytest

import sim
from sim.world.mechanisms import network

QUIET = ["mechanism=[satisfaction,word_of_mouth]", "population.customers=20000"]


def degrees(ties, size):
    starts, contacts = network.sparse_rows(ties, size)
    assert (starts[-1], len(contacts)) == (2 * len(ties), 2 * len(ties))
    return np.diff(starts), starts, contacts


def test_a_small_world_has_the_degree_the_clustering_and_the_short_cuts():
    import networkx as nx

    ring, _, _ = degrees(network.small_world(2000, 6, 0.0, 1), 2000)
    assert (ring == 6).all()
    ties = network.small_world(2000, 6, 0.1, 1)
    graph = nx.Graph(ties.tolist())
    assert nx.transitivity(graph) == pytest.approx(0.6 * 0.9**3, abs=0.04)
    far = nx.Graph(network.small_world(2000, 6, 0.0, 1).tolist())
    steps = [max(nx.single_source_shortest_path_length(g, 0).values()) for g in (graph, far)]
    assert steps[0] < steps[1] / 5


@pytest.mark.parametrize(("size", "degree", "rewiring"), [(4000, 6, 0.0), (4000, 6, 0.3), (4000, 2, 1.0), (9, 6, 0.7)])
def test_a_small_world_is_simple_and_as_far_as_asked_from_a_ring(size, degree, rewiring):
    ties = network.small_world(size, degree, rewiring, 5)
    assert len(ties) == size * degree // 2 == len({frozenset(tie) for tie in ties.tolist()})
    assert (ties[:, 0] != ties[:, 1]).all()
    apart = (ties[:, 1] - ties[:, 0]) % size
    moved = (np.minimum(apart, size - apart) > degree // 2).mean()
    expected = rewiring * (1 - degree / (size - 1))
    assert moved == pytest.approx(expected, abs=4 * np.sqrt(0.25 / len(ties)) if rewiring else 0)


def test_in_a_small_world_smaller_than_its_degree_everybody_knows_everybody():
    for size in (1, 2, 5, 7):
        assert len(network.small_world(size, 6, 0.5, 1)) == size * (size - 1) // 2


def test_a_scale_free_network_has_few_with_many_contacts():
    degree, _, _ = degrees(network.scale_free(5000, 6, 1), 5000)
    assert degree.mean() == pytest.approx(6, rel=0.01)
    assert degree.max() > 20 * np.median(degree)


def test_blocks_keep_to_themselves_by_the_odds_asked_for():
    group = np.repeat([0, 1, 2], [3000, 2000, 1000])
    ties = network.block(group, 6, 5.0, 1)
    degree, _, _ = degrees(ties, len(group))
    assert degree.mean() == pytest.approx(6, rel=0.03)
    inside = (group[ties[:, 0]] == group[ties[:, 1]]).sum()
    pairs = np.array([3000, 2000, 1000])
    within = (pairs * (pairs - 1) / 2).sum()
    across = len(group) * (len(group) - 1) / 2 - within
    assert (inside / within) / ((len(ties) - inside) / across) == pytest.approx(5, rel=0.1)


@pytest.mark.parametrize("kind", ["small_world", "scale_free", "block"])
def test_every_kind_of_network_plays(kind):
    market = sim.Market(sim.compose(*QUIET, f"mechanism.word_of_mouth.kind={kind}", "population.customers=3000"))
    market.run_for(4)
    assert (market.table["hearsay"] != 0).any()


def contacts_of(market):
    """For each customer the rows of its contacts, in the order in which they tell."""
    rule, t, row = market.world.mechanism["word_of_mouth"], market.table, np.argsort(market.table["node"])
    starts, contacts = network.sparse_rows(rule.ties(market, t["segment"][row]), market.heads)
    return [row[contacts[starts[n] : starts[n + 1]]] for n in t["node"]]


def test_hearsay_comes_from_contacts_only_and_is_of_what_they_lived_through():
    market = sim.Market(
        sim.compose(
            *QUIET, "mechanism.word_of_mouth.talk=1", "mechanism.word_of_mouth.memory=1", "population.customers=500"
        )
    )
    market.step()
    used, felt = market.table["provider"].copy(), market.table["satisfaction"].copy()
    market.step()
    for i, mine in enumerate(contacts_of(market)):
        for f in range(len(market.firms)):
            reports = [felt[f, j] for j in mine if used[j] == f]
            assert market.table["hearsay"][f, i] == (reports[-1] if reports else 0)


def test_a_report_makes_the_firm_known():
    market = sim.Market(
        sim.compose(
            "mechanism=[satisfaction,word_of_mouth,awareness]", "population.customers=20000", "firms.thrift.known=0.2",
            "firms.thrift.advertising=0", "mechanism.awareness.contagion=0", "mechanism.awareness.forgetting=0",
        )
    )  # fmt: skip
    thrift = next(f.index for f in market.firms if f.name == "thrift")
    before = (market.table["funnel"][thrift] > 0).sum()
    market.run_for(12)
    assert (market.table["funnel"][thrift] > 0).sum() > before + 50


def share_lost(firm_noise, reach, seed):
    """Share of the variable coach minus that of the steady one, at equal mean quality."""
    market = sim.Market(
        sim.compose(
            *QUIET, "periods=40", f"mechanism.word_of_mouth.bad_reach={reach}",
            "mechanism.word_of_mouth.talk=0.3", "mechanism.word_of_mouth.weight=2", "mechanism.satisfaction.weight=0",
            "mechanism.satisfaction.learning=0", f"firms.thrift.delivery_noise={firm_noise}",
            "firms.nightowl.delivery_noise=0.1", "firms.thrift.list_price=33.46",
        ).replace(seed=seed)
    )  # fmt: skip
    market.run_for(40)
    own = {f.name: market.total("own")[f.index] for f in market.firms}
    return (own["thrift"] - own["nightowl"]) / market.total("market")[1]


def test_bad_news_that_travels_further_hurts_the_variable_firm_more_than_the_steady_one():
    further = np.array([share_lost(1.0, 3, seed) - share_lost(1.0, 1, seed) for seed in range(6)])
    assert further.mean() + 2.57 * further.std(ddof=1) / np.sqrt(6) < 0


def test_the_silent_and_the_departed_tell_nothing():
    market = sim.Market(
        sim.compose(
            "mechanism=[satisfaction,word_of_mouth,complaint,life_events,purchase_incidence]", "population.customers=5000",
            "mechanism.complaint.voice=0", "mechanism.complaint.talk=0", "mechanism.complaint.threshold=0",
            "mechanism.life_events.departure=0.05", "mechanism.word_of_mouth.talk=1", "mechanism.word_of_mouth.memory=1",
        )
    )  # fmt: skip
    market.run_for(8)
    t = market.table
    quiet, gone = t["mood"] == 4, ~t["alive"]
    assert quiet.sum() > 200
    assert (quiet & (t["provider"] < 0)).any(), "silence lasts until the next purchase"
    used = np.where(t["provider"] >= 0, t["provider"], t["provider_before"])
    tells, expected = ~quiet & ~gone & (used >= 0), t["hearsay"].copy()
    for i, mine in enumerate(contacts_of(market)):
        for j in mine[tells[mine]]:
            expected[used[j], i] = t["satisfaction"][used[j], j]
    assert (expected != t["hearsay"]).any()
    market.world.mechanism["word_of_mouth"].on_hear(market.block(0, market.heads))
    assert (expected == t["hearsay"]).all()


def test_each_of_many_contacts_tells_by_chances_of_its_own():
    from sim.science.kernels.word_of_mouth import LISTED, draw_chances, hear_more_reports, hear_reports

    tellers, listeners = 20, 20_000
    everyone = np.arange(tellers + listeners, dtype=np.uint32)
    degree = np.where(everyone < tellers, 0, tellers)
    starts = np.append(0, np.cumsum(degree)).astype(np.int32)
    contacts = np.tile(np.arange(tellers, dtype=np.int32), listeners)
    firm, value = np.full(len(everyone), -1, np.int8), np.full(len(everyone), 1024, np.int16)
    firm[:tellers] = np.arange(tellers)
    hearsay = np.zeros((tellers, len(everyone)), np.int16)
    terms, quiet = np.array([0.1, 1, 1, 1], np.float32), np.empty((0, 0), np.uint8)
    draws, ties = (everyone, np.uint32(3), np.uint32(5), np.uint32(7)), (everyone, starts, contacts, firm, value)
    words, speak = np.empty((4, len(everyone)), np.uint32), np.empty(len(everyone), np.uint8)
    draw_chances(*draws, terms, words, speak)
    room, report = np.empty((3, LISTED), np.uint32), np.empty(LISTED, np.float32)
    hear_reports(*ties, words, speak, terms, room, report, hearsay, quiet)
    assert (hearsay[8:] == 0).all(), "the first eight only"
    hear_more_reports(*draws, *ties, terms, hearsay, quiet)
    heard = (hearsay[:, tellers:] == 1024).astype(float)
    assert set(np.unique(hearsay)) == {0, 1024}
    assert np.abs(heard.mean(axis=1) - 0.1).max() < 4 * np.sqrt(0.09 / listeners)
    apart = np.corrcoef(heard) - np.eye(tellers)
    assert np.abs(apart).max() < 5 / np.sqrt(listeners)
