"""From answers to segments: a mixture with the number of segments by BIC, and who is where by observable group (A6, F3).

Answers are points on the service dimensions. A mixture of round Gaussians is fitted for one segment, two, and so on; how
common a segment is may differ by observable group. The number with the smallest Bayesian information criterion is kept,
and one segment is a possible answer. The fits start from scikit-learn's k-means and from its merging of the groups'
means, and the better one is kept. Sources: Fraley & Raftery (2002), Journal of the American Statistical Association 97,
611-631 (mixtures, and BIC for their number); Schwarz (1978), Annals of Statistics 6, 461-464 (the criterion); Dayton &
Macready (1988), Journal of the American Statistical Association 83, 173-178 (latent classes whose shares differ by what
can be observed).
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

FEWEST = 10  # answers a segment must rest on
STARTS = 4  # beginnings of every fit; the best is kept
RESOLUTION = 1e-3  # added to every variance, so that a segment cannot shrink to a single answer [scale points^2]
PASSES = 200  # of a climb; it ends earlier once the likelihood stands still
TINY = 1e-300


@dataclass(frozen=True)
class Segmentation:
    """Segments found in answers, the largest first.

    centres : (segments, dimensions). sizes : (segments,) parts of the answers. label : (answers,) segment of each.
    membership : (groups, segments) how common each segment is in each observable group; NaN where nobody was asked.
    criterion : (fits,) BIC by number of segments, from one.
    """

    centres: np.ndarray
    sizes: np.ndarray
    label: np.ndarray
    membership: np.ndarray
    criterion: np.ndarray

    @property
    def count(self) -> int:
        """How many segments there are."""
        return len(self.centres)


def climb(
    answers: np.ndarray, group: np.ndarray, groups: int, weight: np.ndarray
) -> tuple[float, tuple[np.ndarray, ...]]:
    """Fit a mixture whose shares differ by observable group, by EM from given memberships.

    The density of an answer x of a person of group g is sum_c share_gc N(x; centre_c, v I). weight : (answers, segments)
    memberships to start from, rows summing to one. Returns the log likelihood, then centres, shares, memberships.

    >>> log, (centres, shares, weight) = climb(np.array([[0.0], [1.0]]), np.array([0, 1]), 2, np.eye(2))
    >>> centres.ravel().round(6).tolist(), shares.round(6).tolist()
    ([0.0, 1.0], [[1.0, 0.0], [0.0, 1.0]])
    """
    persons, dimensions = answers.shape
    member = np.eye(groups)[group]
    asked = np.maximum(member.sum(axis=0), 1)[:, None]
    before = -np.inf
    for _ in range(PASSES):
        centres = (weight.T @ answers) / np.maximum(weight.sum(axis=0), TINY)[:, None]
        shares = (member.T @ weight) / asked
        far = ((answers[:, None, :] - centres) ** 2).sum(axis=2)
        variance = (weight * far).sum() / (persons * dimensions) + RESOLUTION
        log = np.log(np.maximum(shares, TINY))[group] - far / (2 * variance)
        top = log.max(axis=1, keepdims=True)
        weight = np.exp(log - top)
        total = weight.sum(axis=1, keepdims=True)
        weight /= total
        likelihood = float((top + np.log(total)).sum()) - persons * dimensions / 2 * np.log(2 * np.pi * variance)
        if likelihood - before < 1e-7 * persons:
            break
        before = likelihood
    return likelihood, (centres, shares, weight)


def _starts(answers: np.ndarray, group: np.ndarray, k: int, seed: int) -> list[np.ndarray]:
    """Memberships to climb from: a library's k-means of all answers, and groups put together by their means."""
    from sklearn.cluster import AgglomerativeClustering, KMeans

    starts = [np.eye(k)[KMeans(k, n_init=STARTS, random_state=seed).fit_predict(answers)]]
    there = np.unique(group)
    if 1 < k <= len(there):
        means = np.array([answers[group == g].mean(axis=0) for g in there])
        merged = AgglomerativeClustering(k).fit_predict(means)
        starts.append(np.eye(k)[merged[np.searchsorted(there, group)]])
    return starts


def find_segments(answers: np.ndarray, group: np.ndarray, groups: int, most: int, seed: int) -> Segmentation:
    """Segments of answers; their number, up to `most`, has the smallest BIC.

    answers : (answers, dimensions), at least one. group : (answers,) observable group of each person. seed : of the
    starts. One thread and fixed starts: the same bits for any number of threads.
    """
    from sklearn.exceptions import ConvergenceWarning
    from threadpoolctl import threadpool_limits

    persons, dimensions = answers.shape
    there = len(np.unique(group))
    fits, criterion = [], []
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        for k in range(1, max(1, min(most, persons // FEWEST)) + 1):
            starts = _starts(answers, group, k, seed) if k > 1 else [np.ones((persons, 1))]
            likelihood, fit = max((climb(answers, group, groups, start) for start in starts), key=lambda pair: pair[0])
            numbers = k * dimensions + 1 + (k - 1) * there
            fits.append(fit)
            criterion.append(numbers * np.log(persons) - 2 * likelihood)
    centres, shares, weight = fits[int(np.argmin(criterion))]
    order = np.lexsort((*centres.T[::-1], -weight.sum(axis=0)))
    shares = np.where(np.bincount(group, minlength=groups)[:, None] > 0, shares[:, order], np.nan)
    weight = weight[:, order]
    return Segmentation(centres[order], weight.mean(axis=0), weight.argmax(axis=1), shares, np.array(criterion))


def agreement(found: np.ndarray, true: np.ndarray) -> float:
    """Adjusted Rand index of two ways to divide the same persons: 1 if they are the same, 0 if by chance.

    Source: Hubert & Arabie (1985), Journal of Classification 2, 193-218.

    >>> agreement(np.array([0, 0, 1, 1]), np.array([1, 1, 0, 0]))
    1.0
    """
    from sklearn.metrics import adjusted_rand_score

    return float(adjusted_rand_score(true, found))
