"""The closed loop of five steps (C1): from what was heard to what is offered, and back (segment, target, position: A6, F3).

`LOOP` is the plan: a name, a function and a line of words for each step. Every step sees what was heard, what the steps
before it concluded, and the firm's situation, and returns its own conclusions. No step sees the market. Sources: Smith
(1956), Journal of Marketing 21, 3-8 (segments and differentiated offers); Haley (1968), Journal of Marketing 32, 30-35
(segments by what people want, described afterwards by who they are).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.world.mechanisms.segmentation import find_segments

Heard = Mapping[str, Mapping[str, np.ndarray]]
View = dict[str, Any]
CHEAPEST = 1e-9  # smallest price sensitivity that money is divided by [utils/¤]


@dataclass(frozen=True)
class Situation:
    """What a firm knows of itself at a review.

    groups : observable groups of customers. standard : position of the standard service [scale points].
    depth : its capability to diversify. worth : utils of a full-scale squared misfit. variety_cost [¤ a journey].
    most_segments : it looks for. max_targets : it serves. enough : interviews that segments can rest on.
    reach : part of a group that must belong to targets. focus : part of the advertising taken from groups not addressed.
    seed : of the library's starts. since : what came of the last round: months, research and profit [¤].
    """

    groups: int
    standard: float
    depth: float
    worth: float
    variety_cost: float
    most_segments: int
    max_targets: int
    enough: int
    reach: float
    focus: float
    seed: int
    since: Mapping[str, float]


def know_needs(heard: Heard, view: View, situation: Situation) -> View:
    """Segments in what people said, and how common they are in each group that can be told by looking.

    Interviews lead as soon as there are enough of them; everybody who was asked counts for the size of the groups.
    """
    interviews, surveys = heard["interviews"], heard["surveys"]
    enough = len(interviews["group"]) >= situation.enough or not len(surveys["group"])
    lead = interviews if enough else surveys
    found = find_segments(
        lead["said"], lead["group"], situation.groups, situation.most_segments, situation.seed
    )  # fmt: skip
    asked = np.concatenate([interviews["group"], surveys["group"]])
    group_sizes = np.bincount(asked, minlength=situation.groups) / len(asked)
    common = np.nan_to_num(found.membership, nan=0.0)
    known = ~np.isnan(found.membership[:, 0])
    sizes = group_sizes[known] @ common[known]
    sensitivity = [
        float(np.median(lead["price_sensitivity"][found.label == c] if (found.label == c).any() else lead["price_sensitivity"]))
        for c in range(found.count)
    ]  # fmt: skip
    needs = np.where(known[:, None], common @ found.centres, situation.standard)
    return {
        "led_by": "interviews" if enough else "surveys",
        "asked": {name: len(answers["group"]) for name, answers in heard.items()},
        "segments": found.count,
        "centres": found.centres,
        "sizes": sizes / sizes.sum(),
        "price_sensitivity": np.array(sensitivity),
        "membership": common,
        "group_sizes": group_sizes,
        "needs": needs,
        "label": found.label,
    }


def position_value(heard: Heard, view: View, situation: Situation) -> View:
    """What each segment would pay for an offer of its own, at the firm's depth and cost; the best ones become targets.

    The offer at depth d lies d of the way from the standard to the centre and so gains (1 - (1 - d)^2) m utils over the
    standard, m = worth * squared distance. In money, a unit of depth and journey: (2 - d) m / price sensitivity - variety
    cost. Attractiveness is that times the segment's size; a segment that would not pay for its variety is no target.
    """
    misfit = situation.worth * ((view["centres"] - situation.standard) ** 2).sum(axis=1)
    margin = (2 - situation.depth) * misfit / np.maximum(view["price_sensitivity"], CHEAPEST) - situation.variety_cost
    attractiveness = view["sizes"] * margin
    order = np.argsort(-attractiveness, kind="stable")
    targets = [int(c) for c in order if margin[c] > 0][: situation.max_targets]
    return {"margin": margin, "attractiveness": attractiveness, "targets": targets}


def design_offer(heard: Heard, view: View, situation: Situation) -> View:
    """Where each group's offer aims: at the targets that are common in it, on the scale; else at the standard."""
    chosen = np.zeros(view["segments"], bool)
    chosen[view["targets"]] = True
    part = view["membership"] * chosen
    reached = part.sum(axis=1)
    addressed = (reached >= situation.reach) & (reached > 0)
    aim = part @ view["centres"] / np.maximum(reached, CHEAPEST)[:, None]
    aim = np.where(addressed[:, None], np.clip(aim, 0.0, 1.0), situation.standard)
    return {"aim": aim, "addressed": addressed}


def plan_communication(heard: Heard, view: View, situation: Situation) -> View:
    """How much advertising a head each group gets, relative to the others; alike if none or all are addressed."""
    addressed = view["addressed"]
    weight = np.where(addressed, 1.0, 1.0 - situation.focus) if addressed.any() else np.ones(situation.groups)
    return {"advertising_weight": weight}


def carry_out(heard: Heard, view: View, situation: Situation) -> View:
    """What the plan comes to at the present depth, and what came of the round before: where the next one starts."""
    position = situation.standard + situation.depth * (view["aim"] - situation.standard)
    extra_cost = situation.variety_cost * situation.depth * view["addressed"]
    return {"position": position, "extra_cost": extra_cost, "since": dict(situation.since)}


Step = Callable[[Heard, View, Situation], View]
LOOP: tuple[tuple[str, Step, str], ...] = (
    ("know needs", know_needs, "segments in what was heard, their sizes, what they want and what money is to them"),
    ("position value", position_value, "what each would pay for more than it costs: the targets"),
    ("design the offer", design_offer, "where the offer for each observable group aims"),
    ("plan communication", plan_communication, "how much advertising each group gets"),
    ("carry out", carry_out, "what is posted and what it costs; what came of the last round"),
)


def go_round(heard: Heard, situation: Situation) -> tuple[View, dict[str, View]]:
    """Play the loop once; returns all that the firm now believes, and the same step by step."""
    view: View = {}
    steps = {}
    for name, step, _ in LOOP:
        steps[name] = step(heard, view, situation)
        view |= steps[name]
    return view, steps


def plan() -> str:
    """The five steps in words.

    >>> print(plan().splitlines()[0])
    1. know needs          segments in what was heard, their sizes, what they want and what money is to them
    """
    width = max(len(name) for name, _, _ in LOOP)
    return "\n".join(f"{i}. {name.ljust(width)}  {words}" for i, (name, _, words) in enumerate(LOOP, 1))
