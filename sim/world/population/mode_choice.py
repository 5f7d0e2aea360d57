"""Tastes of intercity travellers from the modechoice survey, by conditional logit.

Two specifications on the same 210 choices. Greene's published one checks that data and estimator are the known ones
(log-likelihood -199.128). The one used by the market separates money from time and lets income and party size speak
for air. Both are maximum likelihood on a choice-based sample: slopes are consistent, constants are not (Manski &
Lerman 1977, Econometrica 45, 1977-1988), so the constants are set afterwards so that the population's mode shares and
its share of months with a journey are met exactly (Train 2009, Discrete Choice Methods with Simulation, section 2.8).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.world.population.survey import Survey, modechoice

REFERENCE = "car"
PUBLISHED_LOG_LIKELIHOOD = -199.128


@dataclass(frozen=True)
class Fit:
    """An estimated conditional logit: coefficients, standard errors [both by name], log-likelihood [nats]."""

    coefficient: pd.Series
    standard_error: pd.Series
    log_likelihood: float


def _long(survey: Survey) -> pd.DataFrame:
    persons = len(survey.income)
    rows = {
        "person": np.tile(np.arange(persons), len(survey.modes)),
        "chosen": np.concatenate([survey.chosen == m for m in range(len(survey.modes))]).astype(float),
        "fare": survey.fare.ravel(),
        "travel_time": survey.travel_time.ravel(),
        "terminal_time": survey.terminal_time.ravel(),
    }
    income, party = np.tile(survey.income, len(survey.modes)), np.tile(survey.party, len(survey.modes))
    for m, name in enumerate(survey.modes):
        rows[name] = np.repeat(np.arange(len(survey.modes)) == m, persons).astype(float)
    rows["income_air"], rows["party_air"] = income * rows["air"], party * rows["air"]
    rows["fare_income"] = rows["fare"] * np.log(income / survey.income.mean())
    return pd.DataFrame(rows).sort_values(["person"], kind="stable")


def _estimate(data: pd.DataFrame, columns: list[str]) -> Fit:
    from statsmodels.discrete.conditional_models import ConditionalLogit

    result = ConditionalLogit(data["chosen"], data[columns], groups=data["person"]).fit(disp=False)
    return Fit(result.params, result.bse, float(result.llf))


def fit_greene() -> Fit:
    """Greene's published specification: generalised cost, terminal time, income for air, constants.

    Source: Greene (2003), Econometric Analysis, 5th ed., table 21.11, p. 729.
    """
    from statsmodels.datasets import modechoice as source

    data = source.load_pandas().data
    data["person"], data["chosen"] = data["individual"], data["choice"]
    for code, name in enumerate(("air", "train", "bus"), start=1):
        data[name] = (data["mode"] == code).astype(float)
    data["income_air"] = data["hinc"] * data["air"]
    return _estimate(data, ["gc", "ttme", "income_air", "air", "train", "bus"])


def fit_market(income_effect: bool = False) -> Fit:
    """Specification of the market: fare, travel time, terminal time, income and party size for air, constants.

    With income_effect, the fare's coefficient may vary with log income: the test of whether the rich mind less.
    """
    columns = ["fare", "travel_time", "terminal_time", "income_air", "party_air", "air", "train", "bus"]
    return _estimate(_long(modechoice()), columns + ["fare_income"] * income_effect)


def set_constants(
    utility: np.ndarray,
    fare: np.ndarray,
    weight: np.ndarray,
    median: float,
    spread: float,
    target: np.ndarray,
    nodes: int = 40,
) -> np.ndarray:
    """Constants of the modes under which expected shares equal the target shares.

    Parameters
    ----------
    utility : (modes, persons) utility of the standard service without constant and fare [utils].
    fare : (modes, persons) [¤]. weight : (persons,) sampling weights that sum to 1.
    median, spread : of the log-normal price sensitivity [utils/¤], [1].
    target : (modes,) share of each mode among all occasions; the rest stay out (utility 0).

    Source: the contraction c <- c + ln(target / share), Train (2009), section 2.8; Berry (1994), RAND J. 25.
    """
    point, mass = np.polynomial.hermite_e.hermegauss(nodes)
    sensitivity, mass = median * np.exp(spread * point), mass / mass.sum()
    constant = np.zeros(len(target))
    for _ in range(2000):
        appeal = (constant[:, None] + utility)[:, :, None] - fare[:, :, None] * sensitivity
        odds = np.exp(appeal)
        share = np.einsum("mpn,p,n->m", odds / (1 + odds.sum(axis=0)), weight, mass)
        step = np.log(target / share)
        constant += step
        if np.abs(step).max() < 1e-12:
            break
    return constant


def constants_of(
    fit: Fit, weight: np.ndarray, spread: float, share: Mapping[str, float], travel_share: float
) -> dict[str, float]:
    """Mode constants for a fit of the market's specification that meet the population's shares [utils]."""
    survey, slope = modechoice(), fit.coefficient
    utility = slope["travel_time"] * survey.travel_time + slope["terminal_time"] * survey.terminal_time
    utility[survey.modes.index("air")] += slope["income_air"] * survey.income + slope["party_air"] * survey.party
    target = travel_share * np.array([share[m] for m in survey.modes])
    constant = set_constants(utility, survey.fare, weight, -slope["fare"], spread, target)
    return dict(zip(survey.modes, constant.tolist(), strict=True))


def report() -> str:
    """What the survey says, in words and numbers, for `differentia fit`."""
    greene, market, income = fit_greene(), fit_market(), fit_market(income_effect=True)
    table = pd.DataFrame({"coefficient": market.coefficient, "standard error": market.standard_error})
    table["t"] = table["coefficient"] / table["standard error"]
    effect, error = income.coefficient["fare_income"], income.standard_error["fare_income"]
    ratio = 2 * (income.log_likelihood - market.log_likelihood)
    value_of_time = 60 * market.coefficient["travel_time"] / market.coefficient["fare"]
    return "\n".join(
        [
            f"Greene's specification: log-likelihood {greene.log_likelihood:.3f} (published {PUBLISHED_LOG_LIKELIHOOD})",
            f"Market's specification: log-likelihood {market.log_likelihood:.3f}, 210 travellers, constants relative to {REFERENCE}",
            table.round(5).to_string(),
            f"value of travel time: {value_of_time:.1f} AUD/hour",
            f"fare x ln(income): {effect:.4f} (standard error {error:.4f}; likelihood ratio {ratio:.2f} on 1 degree of freedom)",
            "the rich mind a fare less" if effect > 0 else "no sign that the rich mind a fare less; if anything, more",
        ]
    )
