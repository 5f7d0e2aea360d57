"""Churn falls with tenure for two reasons: what ties a customer, and who is left (sorting). The order of purchases tells."""

import numpy as np

import sim

COACHES = ["echo", "grandcoach", "mosaic", "nightowl", "thrift"]
SAME = [
    word
    for name in COACHES
    for word in (
        f"firms.{name}.strategy=diversification", f"firms.{name}.interviews=0", f"firms.{name}.budget=0.3",
        f"firms.{name}.pricing=fixed_price", f"firms.{name}.list_price=33.46",
    )
]  # fmt: skip
TIES = "mechanism=[capability,segment_needs,learning_relationship,switching_cost]"
MONTHS = 48


def bought(mechanism, spread, *overrides):
    """(months, customers) provider of each month among five equal coaches, customers' liking of them spread by so much."""
    scenario = sim.compose(
        mechanism,
        *SAME,
        "population.customers=20000",
        "population.price_spread=0",
        "population.ideal_spread=0",
        *overrides,
    )
    market = sim.Market(scenario.replace(firms={n: f for n, f in scenario.firms.items() if n in COACHES}))
    table = market.table
    table["standard_appeal"][:], table["journey"][:], table["ideal"][:] = 9.0, 1.0, 1.0
    liking = np.random.default_rng(4).normal(0, spread, (len(COACHES), market.heads)).astype(np.float32)

    class Liking(type(market.mechanisms[0])):
        def on_weigh(self, rows, firm, out_appeal):
            out_appeal += liking[firm.index, rows.start : rows.stop]

    if spread:
        market.mechanisms.append(Liking(**vars(market.mechanisms[0])))
    months = []
    for _ in range(MONTHS):
        market.step()
        months.append(table["provider"].copy())
    return np.array(months)


def churn_by_run(months, longest=4):
    """Part of the buyers with a run of 1, 2, ... purchases from one firm who buy elsewhere next, and its standard error."""
    left, stayed = np.zeros(longest + 1), np.zeros(longest + 1)
    run, last = np.zeros(months.shape[1], int), months[0]
    for now in months[1:]:
        run = np.minimum(run + 1, longest)
        same = now == last
        np.add.at(stayed, run[same], 1)
        np.add.at(left, run[~same], 1)
        run[~same], last = 0, now
    n = (left + stayed)[1:]
    p = left[1:] / n
    return p, np.sqrt(p * (1 - p) / n)


def fall(months):
    """Churn after one purchase minus churn after four or more, and its standard error."""
    p, error = churn_by_run(months)
    return p[0] - p[-1], np.hypot(error[0], error[-1])


def repeats(months):
    """Part of the purchases that go to the firm of the one before, and its standard error."""
    p = (months[1:] == months[:-1]).mean()
    return p, np.sqrt(p * (1 - p) / months[1:].size)


def shuffled(months):
    return np.random.default_rng(1).permuted(months, axis=0)


def test_without_ties_and_with_equal_tastes_churn_does_not_depend_on_tenure():
    difference, error = fall(bought("mechanism=[capability]", 0.0))
    assert abs(difference) < 4 * error


def test_knowledge_and_a_switching_cost_make_churn_fall_with_tenure_at_constant_tastes():
    months = bought(TIES, 0.0, "mechanism.switching_cost.cost=0.3", "population.customers=60000")
    difference, error = fall(months)
    assert difference > 4 * error
    p, _ = churn_by_run(months)
    assert (np.diff(p) < 0).all(), "it falls with every purchase: what is known grows"
    kept, error = repeats(months)
    assert kept - repeats(shuffled(months))[0] > 4 * error, "runs are longer than the same purchases in any order"


def test_a_switching_cost_alone_makes_churn_lower_but_not_falling():
    """Whoever bought once is as tied as whoever bought ten times: only knowledge makes the hazard fall with tenure."""
    free = churn_by_run(bought("mechanism=[capability]", 0.0))[0]
    tied = bought("mechanism=[capability,switching_cost]", 0.0, "mechanism.switching_cost.cost=0.5")
    assert churn_by_run(tied)[0][0] < free[0] - 0.05
    difference, error = fall(tied)
    assert abs(difference) < 4 * error


def test_heterogeneity_alone_makes_cohort_churn_fall_and_the_order_of_purchases_does_not_matter():
    months = bought("mechanism=[capability]", 1.5)
    difference, error = fall(months)
    assert difference > 4 * error
    again, other = fall(shuffled(months))
    assert abs(difference - again) < 4 * np.hypot(error, other)
    kept, error = repeats(months)
    assert abs(kept - repeats(shuffled(months))[0]) < 4 * np.sqrt(2) * error
