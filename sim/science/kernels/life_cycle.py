"""Move the relations of a block of customers with one firm through their stages, and count the moves."""

import numpy as np

from sim.ground.grid import WINDOW
from sim.science.kernels import kernel
from sim.science.rules.life_cycle import STABILITY, STAGES, cooling, next_stage
from sim.science.rules.numeric import from_grid
from sim.science.rules.window import YEAR, frequency, recency

SHIFT, KINDS, ONE, MOST = np.uint32(WINDOW), len(STAGES), np.uint8(1), np.uint8(255)
u4, LANES, NO_MONTHS, STABLE = np.uint32, 4, np.uint32(0), np.uint8(STABILITY)


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
        last, year, before = u4(recency(months)), u4(frequency(u4(months & YEAR))), u4(frequency(u4(months >> SHIFT)))
        cools = cooling(last, year, before, from_grid(satisfaction[i]), idle_after, decline, dissatisfied)
        now = u4(next_stage(stage, cools, last, year, formation_months, stability_months, end_after))
        age = out_age[i]
        out_age[i] = ONE if now != stage else np.uint8(age + np.uint8(age < MOST))
        out_relation[i] = np.uint8(now)
        out_move[i] = np.uint8(u4(stage * u4(KINDS)) + now)


@kernel
def tally_relations(move, relation, age, alive, out_transitions, out_stability):
    """Count the moves of one firm's relations, out_transitions : (6, 6), and the months of those that are stable.

    Four rows go to four counts, so that none waits for the one before.
    """
    moves, months, fours = np.zeros((LANES, KINDS * KINDS), np.uint32), NO_MONTHS, move.size // LANES * LANES
    one, two, three, four = moves[0], moves[1], moves[2], moves[3]
    for i in range(0, fours, LANES):
        one[move[i]] += alive[i]
        two[move[i + 1]] += alive[i + 1]
        three[move[i + 2]] += alive[i + 2]
        four[move[i + 3]] += alive[i + 3]
    for i in range(fours, move.size):
        one[move[i]] += alive[i]
    for i in range(move.size):
        stable = alive[i] & (relation[i] == STABLE)
        months = np.uint32(months + (np.uint32(age[i]) if stable else NO_MONTHS))
    for m in range(KINDS * KINDS):
        out_transitions[m // KINDS, m % KINDS] += np.int64(one[m]) + two[m] + three[m] + four[m]
    out_stability[0] += months
