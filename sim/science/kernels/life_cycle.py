"""Move the relations of a block of customers with one firm through their stages, and count the moves."""

import numpy as np

from sim.ground.grid import WINDOW
from sim.science.kernels import kernel
from sim.science.rules.life_cycle import STABILITY, STAGES, cooling, next_stage
from sim.science.rules.numeric import from_grid
from sim.science.rules.window import YEAR, frequency, recency

SHIFT, KINDS, ONE, MOST = np.uint32(WINDOW), len(STAGES), np.uint8(1), np.uint8(255)
LANES = 4


@kernel
def age_relations(
    bought,
    satisfaction,
    formation_months,
    stability_months,
    idle_after,
    decline,
    dissatisfied,
    end_after,
    out_relation,
    out_age,
    out_move,
):
    """Stage of every customer's relation with one firm after this month, and the months in it, this one included.

    out_move : uint8, former stage * 6 + new stage.
    """
    for i in range(bought.size):
        stage, months = np.uint32(out_relation[i]), bought[i]
        last, year, before = recency(months), frequency(months & YEAR), frequency(months >> SHIFT)
        cools = cooling(last, year, before, from_grid(satisfaction[i]), idle_after, decline, dissatisfied)
        now = next_stage(stage, cools, last, year, formation_months, stability_months, end_after)
        age = out_age[i]
        out_age[i] = ONE if now != stage else np.uint8(age + np.uint8(age < MOST))
        out_relation[i] = np.uint8(now)
        out_move[i] = np.uint8(stage * np.uint32(KINDS) + now)


@kernel
def tally_relations(move, age, alive, out_transitions, out_stability):
    """Count the moves of one firm's relations, out_transitions : (6, 6), and the months of those that are stable."""
    moves, months = np.zeros((LANES, KINDS * KINDS), np.int64), 0
    for i in range(move.size):
        moves[i % LANES, move[i]] += alive[i]
        months += np.int64(age[i]) if alive[i] & (move[i] % KINDS == STABILITY) else 0
    for lane in range(LANES):
        for m in range(KINDS * KINDS):
            out_transitions[m // KINDS, m % KINDS] += moves[lane, m]
    out_stability[0] += months
