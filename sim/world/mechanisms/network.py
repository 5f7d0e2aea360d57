"""Who talks to whom: networks of customers, kept as compressed sparse rows.

Nodes are customers in the order of their identity, so that a network does not depend on how customers are numbered.
Sources: Watts & Strogatz (1998), Nature 393, 440-442 (small world); Barabasi & Albert (1999), Science 286, 509-512 (scale
free); Holland, Laskey & Leinhardt (1983), Social Networks 5, 109-137 (stochastic blocks). Implements D6.
"""

from __future__ import annotations

import networkx as nx
import numpy as np
from scipy.sparse import coo_array

from sim.ground.params import ConfigError


def small_world(size: int, degree: int, rewiring: float, seed: int) -> np.ndarray:
    """(ties, 2) ties of a ring in which everybody has `degree` neighbours, each tie rewired with a probability.

    All at once, because a market of millions has no room for a graph of objects: ties to be rewired get a far end drawn
    among all others, and those that are there twice draw again, until the network is simple.
    """
    if size <= degree + 1:
        return np.column_stack(np.triu_indices(size, 1))  # everybody knows everybody
    rng, near = np.random.default_rng(seed), np.tile(np.arange(size), degree // 2)
    far = (near + np.repeat(np.arange(1, degree // 2 + 1), size)) % size
    again = np.flatnonzero(rng.random(len(near)) < rewiring)
    while len(again):
        far[again] = (near[again] + rng.integers(1, size, len(again))) % size
        again = again[_twice(near, far, size)[again]]
    return np.column_stack([near, far])


def _twice(near: np.ndarray, far: np.ndarray, size: int) -> np.ndarray:
    """(ties,) whether there is another tie between the same two."""
    pair = np.minimum(near, far) * size + np.maximum(near, far)
    order = np.argsort(pair)
    same = pair[order][1:] == pair[order][:-1]
    twice = np.zeros(len(pair), bool)
    twice[order[1:][same]] = twice[order[:-1][same]] = True
    return twice


def scale_free(size: int, degree: int, seed: int) -> np.ndarray:
    """(ties, 2) ties of a network grown by preferential attachment, `degree` / 2 ties a newcomer."""
    return _ties(nx.barabasi_albert_graph(size, degree // 2, seed=seed))


def block(group: np.ndarray, degree: int, homophily: float, seed: int) -> np.ndarray:
    """(ties, 2) ties of a stochastic block network with mean degree `degree`.

    group : (nodes,) block of each node. homophily : probability of a tie within a block over one between two blocks.
    """
    members = [np.flatnonzero(group == g) for g in np.unique(group)]
    sizes = np.array([len(m) for m in members], float)
    pairs = float(np.sum(sizes * (homophily * sizes + len(group) - sizes)))
    between = degree * len(group) / pairs if pairs else np.inf
    if max(between, homophily * between) > 1:
        raise ConfigError(
            f"mechanism.word_of_mouth.degree = {degree} customers, homophily = {homophily:g}: segments of these sizes have no room for so many ties"
        )
    ties = []
    for a, one in enumerate(members):
        within = nx.fast_gnp_random_graph(len(one), homophily * between, seed=seed + a)
        ties.append(one[_ties(within)])
        for b in range(a):
            graph = nx.bipartite.random_graph(len(one), len(members[b]), between, seed=seed + 1000 * (b + 1) + a)
            pairs = np.sort(_ties(graph), axis=1)
            ties.append(np.column_stack([one[pairs[:, 0]], members[b][pairs[:, 1] - len(one)]]))
    return np.concatenate(ties)


def _ties(graph: nx.Graph) -> np.ndarray:
    return np.fromiter((node for tie in graph.edges() for node in tie), np.int64).reshape(-1, 2)


def sparse_rows(ties: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Each node's contacts side by side, both ways and in ascending order: starts (size + 1,), contacts (2 ties,).

    >>> [x.tolist() for x in sparse_rows(np.array([[0, 1], [1, 2]]), 3)]
    [[0, 1, 3, 4], [1, 0, 2, 1]]
    """
    both = np.concatenate([ties, ties[:, ::-1]])
    matrix = coo_array((np.ones(len(both), np.int8), (both[:, 0], both[:, 1])), shape=(size, size)).tocsr()
    matrix.sort_indices()
    return matrix.indptr.astype(np.int32), matrix.indices.astype(np.int32)
