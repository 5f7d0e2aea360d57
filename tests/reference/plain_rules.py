"""The formulas of the pages, one function each, in the pages' letters and in plain floating point.

Written from `docs/model.md` and `docs/mechanisms`, not from the compiled rules, with which they share no line: where
the two disagree, one of them has misread the page.
"""

from math import copysign, exp, floor, log, sqrt

GRAIN, WHOLE, FAR = 1024, 65535, 32767


def money_lost(alpha, journey, fare):
    """Utility lost by a fare (7.1): alpha_i l_im p_f."""
    return alpha * journey * fare


def worth(taste, level):
    """Utility of an attribute over the standard service (7.1): theta_ik x_fk."""
    return taste * level


def fit(weight, position, standard, ideal):
    """Utility of lying nearer the ideal point than the standard offer (segment needs): w ((z0 - a)^2 - (z - a)^2)."""
    before, after = standard - ideal, position - ideal
    return weight * (before * before - after * after)


def pleased(weight, satisfaction):
    """Utility of being satisfied with a firm (satisfaction)."""
    return weight * satisfaction


def habit_pull(weight, habit, usual):
    """Utility of habit over what is usual (state dependence): weight (G_if - g_if); both in 1/65535."""
    return weight * (habit - usual) / WHOLE


def trouble(cost, last, firm):
    """Utility lost by changing the provider (switching cost); last : the firm bought from last, None for nobody."""
    return cost if last is not None and last != firm else 0.0


def penalty_felt(alpha, penalty, bound, firm):
    """Utility lost by buying elsewhere while bound (contract): alpha_i penalty; bound : the firm, None for nobody."""
    return alpha * penalty if bound is not None and bound != firm else 0.0


def way(cost, ideal, position):
    """Utility lost on the way to a firm's place (transport cost): cost |a_i - z_f|."""
    return cost * abs(ideal - position)


def saved(points, threshold, earned, gradient, foresight, fare):
    """Money off a fare in a member's eyes (loyalty programme); earned : points that a paid trip brings."""
    if points >= threshold:
        return (1 - foresight) * fare
    x, d = points / threshold, earned / threshold
    if gradient == 0:
        return foresight * fare * d
    return foresight * fare * (exp(gradient * (x + d)) - exp(gradient * x)) / (exp(gradient) - 1)


def tier(months, tier_months):
    """Tier of a member with so many months with a trip, 0 for the lowest (loyalty programme)."""
    return sum(months >= needed for needed in tier_months)


def perceived(technical, functional, technical_weight, functional_weight):
    """Quality perceived (satisfaction): w_T T + w_F F."""
    return technical_weight * technical + functional_weight * functional


def felt(gap, loss_aversion):
    """Value of a gap (satisfaction): v(d) = d if d >= 0, else lambda d."""
    return gap if gap >= 0 else loss_aversion * gap


def satisfied(before, felt_gap, smoothing):
    """Satisfaction after a service (satisfaction): S + smoothing (v(d) - S)."""
    return before + smoothing * (felt_gap - before)


def learned(expected, gap, learning):
    """Expectation after a service (satisfaction): e + learning d."""
    return expected + learning * gap


def drifted(expected, norm, rate):
    """Expectation after hearing what is common (must-have): e + rate (norm - e)."""
    return expected + rate * (norm - expected)


def kept(opinion):
    """An opinion as it is kept: the nearest of 1/1024 utils, at most 32 of them from zero."""
    grains = floor(opinion * GRAIN + 0.5)
    return (grains if -FAR <= grains <= FAR else copysign(FAR, grains)) / GRAIN


def habit_after(habit, bought, carry_over):
    """Loyalty variable after a purchase (state dependence): [bought] + c (G - [bought]), to the nearest of 1/65535."""
    here = WHOLE if bought else 0
    return floor(here + carry_over * (habit - here) + 0.5)


def stock_after(stock, spent, gain, decay):
    """Capability after a month (capability): (1 - decay) C + gain sqrt(spent)."""
    return (1 - decay) * stock + gain * sqrt(spent)


def level_of(stock):
    """Level that a stock sustains (capability): 1 - exp(-C)."""
    return 1 - exp(-stock)


def gap_left(flexibility, gap, mean_gap):
    """What the timetable leaves in a context, over the segment's mean (contexts): (1 - phi) gap_c - mean."""
    return (1 - flexibility) * gap - mean_gap


def room(standard_seats, seats, luxury_seats):
    """Classes of room (signature): ln(seats0 / seats) / ln(seats0 / luxury_seats)."""
    return log(standard_seats / seats) / log(standard_seats / luxury_seats)


def seat(vehicle_cost, standard_seats, seats, saving):
    """Vehicle's part of a journey (cost accounting): vehicle cost seats0 / seats (1 - saving)."""
    return vehicle_cost * standard_seats / seats * (1 - saving)


def position_of(standard, depth, estimate):
    """Place of an offer on a dimension (segment needs): z0 + d (estimate - z0)."""
    return standard + depth * (estimate - standard)


def marked_up(cost, markup):
    """Cost-plus fare (7.3): cost (1 + markup)."""
    return cost * (1 + markup)


def arrival(productivity, spent):
    """Chance of a feature this month (innovation): 1 - exp(-productivity sqrt(R&D))."""
    return 1 - exp(-productivity * sqrt(spent))


def size_left(mean_size, exhaustion, earlier):
    """Mean size after so many earlier features of the kind (innovation)."""
    return mean_size * (1 - exhaustion) ** earlier


def together(total, most):
    """Level of features that add up to a total (innovation): +- most (1 - exp(-|sum| / most))."""
    return copysign(most * (1 - exp(-abs(total) / most)), total)


def noticed_after(draw, mean):
    """Months until a rival notices, geometric with this mean (imitation): whole part of ln u / ln(m / (1 + m))."""
    return floor(log(draw) / log(mean / (1 + mean))) if mean else 0


def copy_chance(age, lag, imitability, capacity):
    """Chance that a rival begins to copy (imitation): imitability * capacity once it has noticed."""
    return imitability * capacity if age >= lag else 0.0


def better_copy(fidelity, growth, ceiling):
    """Fidelity of a copy a month later (imitation): max(fidelity, min(fidelity + growth, ceiling))."""
    return max(fidelity, min(fidelity + growth, ceiling))


def undercutting(fare, dearest):
    """How far a fare lies below the dearest one (7.4): 1 - fare / dearest."""
    return 1 - fare / dearest if dearest > 0 else 0.0


def moved(mix, posture, step):
    """A mix on its way to a posture (7.4)."""
    return [mine + step * (theirs - mine) for mine, theirs in zip(mix, posture, strict=True)]


def occasions(draw, rate, most=254, highest=80):
    """Purchase occasions of a month (purchase incidence): Poisson by inversion; rates above 80 count as 80."""
    rate, count = min(rate, highest), 0
    chance = upto = exp(-rate)
    while draw > upto and count < most:
        count += 1
        chance *= rate / count
        upto += chance
    return count


def surplus(inclusive, alpha):
    """Consumer surplus of an occasion over staying out (7.1): ln(1 + sum exp V) / alpha; inclusive : 1 + sum exp V."""
    return log(inclusive) / alpha
