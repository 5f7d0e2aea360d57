"""Say what a stored study tells, as far as its design allows: sensitivity, what matters, where a firm leads, regret."""

from __future__ import annotations

import pathlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from sim.ground.found import Found
from sim.ground.names import check_call
from sim.ground.params import ConfigError, nearest
from sim.ground.units import told, words_of
from sim.ground.values import shown
from sim.study import measures
from sim.study.answers import sensitivity
from sim.study.answers.box import Box, sentence
from sim.study.answers.comparison import facts_of, spoilt
from sim.study.answers.discovery import Scores, boxes, feature_scores, leading
from sim.study.answers.regret import regret
from sim.study.declared import short
from sim.study.design.factorial import Factorial
from sim.study.design.morris import Morris
from sim.study.design.sobol import Sobol
from sim.study.factor import Factor
from sim.study.measures import cautions_first
from sim.study.store import Study
from sim.study.unit import unit as unit_of
from sim.world.contested import contested_of

ENOUGH = 20  # points, to look for what matters and for boxes


@dataclass(frozen=True, repr=False)
class Analysis(Found):
    """What a study tells about one firm's measure.

    Attributes
    ----------
    study, metric, firm, unit : what was looked at. indices : Sobol or Morris, or None. scores, boxes : or None.
    regret : of every strategy, largest and mean over futures, or None; losses : a row a strategy and future.
    sentences : the same in words, warnings among them.
    """

    study: Study
    metric: str
    firm: str
    unit: str
    indices: sensitivity.Indices | None
    scores: Scores | None
    boxes: list[Box] | None
    regret: pd.DataFrame | None
    losses: pd.DataFrame | None
    sentences: list[str]
    facts: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"Analysis of {self.firm}'s {self.metric} in {self.study.folder}: .sentences; sim.draw(it), sim.report(it, folder)"

    @property
    def folder(self) -> pathlib.Path:
        """Where the study lies."""
        return self.study.folder

    @property
    def outcome(self) -> str:
        """What was looked at, in words."""
        return f"{self.metric.replace('_', ' ')} of {self.firm}"


def analyse(
    study: Study | str | pathlib.Path,
    metric: str | None = None,
    firm: str | None = None,
    allow_foreign: bool = False,
) -> Analysis:
    """Analyse a study's outcome, the mean of a firm's measure over the last year.

    Sobol and Morris designs give indices. Other designs of at least 20 points give feature scores, and boxes in which the
    firm has the highest measure of all contested firms. A factor of strategies beside others, in every combination, gives
    a table of regret.

    Parameters
    ----------
    study : a study or its folder. metric : a column of the firms' records; by default the profit.
    firm : whose; by default the firm whose strategy moves, or the contested firm with the highest mean.
    allow_foreign : let its configurations name classes outside this package; they run code.

    Raises
    ------
    ConfigError : the design allows none of these, or a name is unknown; one line.
    """
    study = _opened(study, metric, firm, allow_foreign)
    metric = metric or "profit"
    outcomes = study.outcomes([metric])
    scenario = study.scenario(0)
    names = contested_of(scenario, dict(zip(outcomes["firm"], outcomes["strategy"], strict=True)))
    rows = outcomes[outcomes["firm"].isin(names)]
    if not rows[metric].notna().any():
        raise ConfigError(f"--metric {metric}: known in no run of {study.folder}")
    firm, why = (firm, "as asked") if firm else _whose(study.factors, rows, metric)
    if firm not in set(outcomes["firm"]):
        raise ConfigError(f"--firm {firm}: no such firm in {study.folder}; {nearest(firm, outcomes['firm'].unique())}")
    factors = study.factors
    indices = _indices(study, outcomes, metric, firm, factors)
    scores = found = None
    if indices is None and len(factors) and outcomes["point"].nunique() >= ENOUGH:
        x, y = _cases(outcomes, metric, firm, factors)
        scores = feature_scores(x, y, factors, study.header["seed"])
        leads = leading(rows, metric, firm).reindex(x.index).to_numpy()
        found = boxes(x.reset_index(drop=True), leads, factors, seed=study.header["seed"])
    losses, left_out = _losses(study, outcomes, metric, firm)
    lost = None if losses is None else regret(losses.rename(columns={metric: "value"}))
    if indices is None and scores is None and lost is None:
        raise ConfigError(
            f"{study.folder}: nothing to analyse; expected design=sobol or morris, {ENOUGH} points or more, or a factor of "
            "strategies beside others in every combination"
        )
    whole = f"{measures.heading(metric, scenario.population.words)} of {firm}"
    unit = "" if unit_of(metric) in ("", "1") else f" in {unit_of(metric)}"
    found_out = [*_of_indices(indices), *of_scores(scores), *of_boxes(found, firm, metric), *_of_regret(lost)]
    said = [
        f"{whole}, mean of the last year{unit} ({why}; --firm and --metric choose).",
        *cautions_first([*(f"Caution: {w}" for w in [*left_out, *spoilt([study])]), *found_out]),
    ]
    facts = facts_of(scenario, outcomes, [study])
    sentences = [told(line, words_of(facts)) for line in said]
    return Analysis(study, metric, firm, unit_of(metric), indices, scores, found, lost, losses, sentences, facts)


def _opened(study: object, metric: object, firm: object, allow_foreign: bool) -> Study:
    check_call("analyse", (), metric=metric, firm=firm)
    if not isinstance(study, (Study, str, pathlib.Path)):
        raise ConfigError(f"analyse: study = {shown(study)}: expected a study or its folder")
    return study if isinstance(study, Study) else Study(study, allow_foreign)


def _whose(factors: Sequence[Factor], rows: pd.DataFrame, metric: str) -> tuple[str, str]:
    """The firm whose measure is taken when nobody says, and why this one."""
    names = [name for factor in factors if _of_strategies(factor) for name in (factor.name, *factor.keys)]
    playing = {name.split(".")[1] for name in names if name.startswith("firms.")}
    means = rows.groupby("firm")[metric].mean()
    if len(playing) == 1 and playing <= set(means.index):
        return playing.pop(), "the firm whose strategy moves"
    return str(means.idxmax()), "the contested firm with the highest"


def _of_strategies(factor: Factor) -> bool:
    """Whether a factor is about how a firm plays: its strategy, or named sets of overrides under such a name."""
    return factor.name.endswith(".strategy")


def _indices(study: Study, outcomes: pd.DataFrame, metric: str, firm: str, factors: Sequence[Factor]):
    design = study.design
    if not isinstance(design, (Sobol, Morris)):
        return None
    points = design.points(factors, study.header["seed"])
    values = sensitivity.responses(outcomes, metric, firm, len(points))
    ask = sensitivity.sobol if isinstance(design, Sobol) else sensitivity.morris
    return ask(points, values, design, factors)


def _cases(outcomes: pd.DataFrame, metric: str, firm: str, factors: Sequence[Factor]):
    """A row a point: the factors' values, and the firm's mean over seeds."""
    rows = outcomes[outcomes["firm"] == firm].dropna(subset=[metric])
    mean = rows.groupby("point")[metric].mean()
    x = rows.drop_duplicates("point").set_index("point").loc[mean.index, [f.name for f in factors]]
    return x, mean.to_numpy()


def _losses(study: Study, outcomes: pd.DataFrame, metric: str, firm: str):
    """A row a strategy, future and seed, of the seeds that all of them have if there are any, and what that leaves out.

    None unless every strategy was to be played in every future.
    """
    moving, names = ([f.name for f in study.factors if _of_strategies(f) == whether] for whether in (True, False))
    if len(moving) != 1 or not names or not isinstance(study.design, Factorial):
        return None, []
    rows = outcomes[outcomes["firm"] == firm].dropna(subset=[metric])
    strategy = rows[moving[0]]
    rows["future"] = [
        ", ".join(f"{name} {value}" for name, value in zip(short(names), values, strict=True))
        for values in rows[names].itertuples(index=False, name=None)
    ]
    played = rows.groupby("seed").size()
    whole = played.index[played == strategy.nunique() * rows["future"].nunique()]
    seeds = len(played) - len(whole) if len(whole) else 0
    said = [f"{seeds} of {len(played)} seeds are left out of regret: not every strategy has them in every future."]
    rows = rows[rows["seed"].isin(whole)] if len(whole) else rows
    return rows.assign(strategy=strategy)[["strategy", "future", "seed", metric]], said * (seeds > 0)


def _of_indices(indices) -> list[str]:
    if indices is None:
        return []
    column = "total" if "total" in indices.table else "mu_star"
    rows = indices.table.sort_values(column, ascending=False)
    word = "total index" if column == "total" else "mean absolute effect"
    ranked = "; ".join(f"{r['factor']} {r[column]:.2g} ±{r[f'{column}_half']:.2g}" for _, r in rows.iterrows())
    cautions = [f"Caution: {warning}" for warning in indices.warnings]
    return [*cautions, f"What matters most ({word} with its 95 % interval): {ranked}."]


def of_scores(scores: Scores | None) -> list[str]:
    """Sentences on the factors that a forest finds to matter; none without scores."""
    if scores is None:
        return []
    ranked = "; ".join(f"{factor} {score:.2f}" for factor, score in scores.table[["factor", "score"]].to_numpy())
    known = f"{100 * max(scores.explained, 0):.0f} % of the variance on cases that it has not seen"
    told = f"Feature scores (they add up to 1; the forest explains {known}): {ranked}."
    return [told, *(f"Caution: {w}" for w in scores.warnings)]


def of_boxes(found: list[Box] | None, firm: str, metric: str) -> list[str]:
    """Sentences on where a firm has the highest value of a metric; none without boxes."""
    does = f"has the highest {metric.replace('_', ' ')}"
    told = [f"{told[0].upper()}{told[1:]}" for told in (sentence(box, firm, does) for box in found or [])]
    return told + [f"Caution: {warning}" for box in found or [] for warning in box.warnings]


def _of_regret(table: pd.DataFrame | None) -> list[str]:
    if table is None:
        return []
    best, *others = table.itertuples()
    told = [
        f"Smallest largest regret (Savage): {best.strategy}, at most {best.maximum:.4g} behind the best strategy of a future "
        f"(in {best.worst}), {best.mean:.4g} on average."
    ]
    close = [o.strategy for o in others if o.behind_half >= o.behind]
    return told + ([f"Not to be told from it: {', '.join(close)}."] if close else [])
