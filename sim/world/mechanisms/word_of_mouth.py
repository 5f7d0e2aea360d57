"""Word of mouth (D6, A3): what travels is the experience with the firm last used, and bad news further (Anderson 1998)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from sim.ground.column import Column
from sim.ground.grid import NOBODY
from sim.ground.params import ConfigError, param
from sim.science.kernels.satisfaction import add_opinion
from sim.science.kernels.word_of_mouth import LISTED, draw_chances, hear_more_reports, hear_reports, note_reports
from sim.world.mechanisms import ByHook, Mechanism, at, network

f4 = np.float32
TIE = 150.0  # bytes of a customer's tie while a network is built
MOST_TIES = 2**31 - 1
SILENCE = np.empty((0, 0), np.uint8)


@dataclass(frozen=True, kw_only=True)
class WordOfMouth(Mechanism):
    """Contacts in a fixed network tell of the firm they last used; an opinion of hearsay forms and enters the appeal.

    A report is told with chance `talk` a contact and month, `bad_reach` times that if the teller is dissatisfied, and a bad
    one weighs `bad_weight` times as much. Whoever hears of a firm knows it from then on (mechanism awareness).
    """

    columns: ClassVar[Mapping[str, Column]] = {
        "node": Column("uint32", "1", "place of the customer in the network: the rank of its identity"),
        "hearsay": Column("int16", "1/1024 utils", "opinion of a firm formed by what others tell", "h_if", ("firm",)),
    }
    needs: ClassVar[Mapping[str, str]] = {"satisfaction": "which is what customers tell each other of"}
    records: ClassVar[Mapping[str, Column]] = {
        "hearsay": Column("float64", "utils", "mean opinion of the firm by hearsay over all customers")
    }
    reads: ClassVar[ByHook] = at(on_settle="mood satisfaction alive provider provider_before")
    writes: ClassVar[ByHook] = at(on_hear="funnel")
    neutral: ClassVar[Mapping[str, object]] = {"talk": 0.0}

    kind: Literal["small_world", "scale_free", "block"] = param("kind of network", "1", source="register R94")
    degree: int = param("mean number of contacts, even", "customers", low=2, high=1000, source="register R94")
    rewiring: float = param(
        "part of a small world's ties that lead anywhere", "1", low=0, high=1,
        source="Watts & Strogatz 1998; register R94",
    )  # fmt: skip
    homophily: float = param(
        "odds of a tie within a segment over one between segments, in a block network", "1", low=0,
        source="McPherson, Smith-Lovin & Cook 2001, Annual Review of Sociology 27; register R94",
    )  # fmt: skip
    talk: float = param("chance that a contact tells in a month", "1", low=0, high=1, source="register R95")
    bad_reach: float = param(
        "how many times as often the dissatisfied tell", "1", low=0, source="Anderson 1998; register R96"
    )
    bad_weight: float = param(
        "weight of a bad report against a good one", "1", low=0, source="Arndt 1967; register R97"
    )
    memory: float = param("part of a report that enters the opinion", "1", low=0, high=1, source="register R98")
    weight: float = param("weight of hearsay in the appeal", "1", low=0, source="D6; register R99")

    def check_scenario(self, scenario):
        """There must be more customers than contacts, and no more ties than can be numbered."""
        customers = scenario.population.customers
        if self.degree * customers > MOST_TIES:
            raise ConfigError(
                f"mechanism.word_of_mouth.degree = {self.degree} customers: expected at most {MOST_TIES:,} ties, "
                f"degree * population.customers, got {self.degree * customers:,}"
            )
        if self.kind == "scale_free" and self.degree > customers / 10:
            raise ConfigError(
                f"mechanism.word_of_mouth.degree = {self.degree} customers: expected at most a tenth of population.customers in a scale_free network"
            )
        if self.degree >= customers or self.degree % 2:
            raise ConfigError(
                f"mechanism.word_of_mouth.degree = {self.degree} customers: expected an even number below population.customers = {customers}"
            )

    def footprint(self):
        """The network, while it is built."""
        return TIE * self.degree

    def on_begin(self, market):
        """Nobody has anything to tell yet."""
        market.memory["word_of_mouth"] = {
            "firm": np.full(market.heads, NOBODY, np.int8), "value": np.zeros(market.heads, np.int16),
        }  # fmt: skip

    def on_arrive(self, rows):
        """Tie the network once, among the places of the market; who moves in gets the contacts of the place."""
        market = rows.market
        if "starts" not in market.memory["word_of_mouth"]:
            order = np.argsort(rows.identity)
            rows.node[order] = np.arange(market.heads)
            starts, contacts = network.sparse_rows(self.ties(market, rows.segment[order]), market.heads)
            market.memory["word_of_mouth"] |= {"starts": starts, "contacts": contacts}

    def ties(self, market, segment):
        """(ties, 2) pairs of nodes that tell each other; segment : of the customer at each node."""
        seed = int(market.key("network")[0]) % 2**31
        if self.kind == "small_world":
            return network.small_world(market.heads, self.degree, self.rewiring, seed)
        if self.kind == "scale_free":
            return network.scale_free(market.heads, self.degree, seed)
        return network.block(segment, self.degree, self.homophily, seed)

    def on_hear(self, block):
        """Hear what contacts tell of the firm they last used, however long ago."""
        market, words, speak = block.market, block.scratch(np.uint32, (4,)), block.scratch(np.uint8)
        draws, told = (block.identity, block.now, *market.key("talk")), market.memory["word_of_mouth"]
        ties = block.node, told["starts"], told["contacts"], told["firm"], told["value"]
        terms = np.array([self.talk, self.bad_reach, self.bad_weight, self.memory], f4)
        heard = block.hearsay, block.funnel if "funnel" in market.table else SILENCE
        draw_chances(*draws, terms, words, speak)
        room, report = block.scratch(np.uint32, (3, LISTED), fixed=True), block.scratch(f4, (LISTED,), fixed=True)
        hear_reports(*ties, words, speak, terms, room, report, *heard)
        hear_more_reports(*draws, *ties, terms, *heard)

    def on_weigh(self, rows, firm, out_appeal):
        """Add what is heard of the firm."""
        add_opinion(rows.hearsay[firm.index], f4(self.weight), out_appeal)

    def on_settle(self, market):
        """Note what everybody can tell next month."""
        told, t = market.memory["word_of_mouth"], market.table
        mood = t["mood"] if "mood" in t else np.empty(0, np.uint8)
        note_reports(
            t["node"],
            t["alive"],
            t["provider"],
            t["provider_before"],
            mood,
            t["satisfaction"],
            told["firm"],
            told["value"],
        )

    def on_record(self, market):
        """Mean hearsay of each firm."""
        there = market.table["alive"]
        return {"hearsay": market.table["hearsay"].sum(axis=1, where=there) / max(there.sum(), 1) / 1024}
