"""From unaware to loyal: who hears of a firm, who considers it, where everybody stands at the end of a month."""

import numpy as np

from sim.science.kernels import kernel
from sim.science.kernels.draw import uniforms
from sim.science.kernels.gather import take
from sim.science.rules.awareness import AWARE, BUYER, UNAWARE, settle_stage
from sim.science.rules.numeric import log32
from sim.science.rules.philox import uniform_at
from sim.science.rules.window import YEAR, frequency

ONE, NOBODY_YET, NOTHING, FIRST = np.uint32(1), np.uint32(0), np.uint8(0), np.int8(0)
NEVER = np.float32(-np.inf)


@kernel
def hear_of(identity, period, k0, k1, segment, chance, forgetting, out_draw, out_hearing, out_funnel):
    """Let customers who do not know a firm hear of it, and customers who never took an interest forget it.

    chance : (segments,) float32; out_draw, out_hearing : float32, room for what each customer draws and may hear by.
    """
    forgets, undecided = forgetting > 0, NOTHING
    for i in range(identity.size):
        stage = out_funnel[i]
        undecided = np.uint8(undecided | np.uint8((stage == UNAWARE) | ((stage == AWARE) & forgets)))
    if not undecided:  # nothing can happen to anybody
        return
    uniforms(identity, period, k0, k1, out_draw)
    take(chance, segment, out_hearing)
    for i in range(identity.size):
        stage, draw = out_funnel[i], out_draw[i]
        hears, forgets = (stage == UNAWARE) & (draw < out_hearing[i]), (stage == AWARE) & (draw < forgetting)
        out_funnel[i] = stage + np.uint8(hears) - np.uint8(forgets)


@kernel
def pick_considered(identity, period, keys, funnel, pull, size, out_considered):
    """Draw the few firms that each customer keeps in mind this month, without replacement, weighted by stage.

    keys : (firms, 2) uint32; funnel : (firms, rows); pull : (firms, 5) float32 weight of each stage;
    out_considered : (rows,) uint32, bit f set if firm f is kept in mind. The smallest -ln(u) / weight win
    (Efraimidis & Spirakis 2006, Information Processing Letters 97).
    """
    firms = funnel.shape[0]
    race = np.empty(firms, np.float32)
    for i in range(identity.size):
        for f in range(firms):
            weight = pull[f, funnel[f, i]]
            draw = uniform_at(identity[i], period, keys[f, 0], keys[f, 1])
            race[f] = -log32(draw) / weight if weight > 0 else np.inf
        out_considered[i] = 0
        for _ in range(size):
            f = np.argmin(race)
            if race[f] < np.inf:
                out_considered[i] |= ONE << np.uint32(f)
                race[f] = np.inf


@kernel
def leave_out(considered, firm, out_appeal):
    """Take a firm out of the choice of those who do not keep it in mind."""
    for i in range(considered.size):
        if (considered[i] >> np.uint32(firm)) & ONE == 0:
            out_appeal[i] = -np.inf


@kernel
def take_interest(out_funnel, out_appeal):
    """Let nobody consider a firm he does not know; whoever would rather buy there than stay out is interested."""
    for i in range(out_funnel.size):
        stage = out_funnel[i]
        out_funnel[i] = stage + np.uint8((stage == AWARE) & (out_appeal[i] > 0))
        out_appeal[i] = NEVER if stage == UNAWARE else out_appeal[i]


@kernel
def become_buyers(provider, out_funnel):
    """Raise those who bought to buyers; out_funnel : (firms, rows)."""
    for i in range(provider.size):
        f = np.uint32(max(provider[i], FIRST))
        stage = out_funnel[f, i]
        out_funnel[f, i] = max(stage, np.uint8(BUYER)) if provider[i] >= 0 else stage


@kernel
def count_stages(alive, funnel, out_stages):
    """Count who is there at every stage of one firm's funnel; out_stages : (5,) int64, added to."""
    for stage in range(5):
        here, count = np.uint8(stage), NOBODY_YET
        for i in range(funnel.size):
            count = np.uint32(count + np.uint32(alive[i] & (funnel[i] == here)))
        out_stages[stage] += count


@kernel
def settle_funnel(bought, alive, loyal_months, out_funnel, out_stages):
    """Settle every customer's stage with one firm at the end of a month; out_stages : (5,) int64 counts, added to."""
    for i in range(bought.size):
        out_funnel[i] = settle_stage(out_funnel[i], frequency(bought[i] & YEAR), loyal_months)
    count_stages(alive, out_funnel, out_stages)
