"""Contact channels (C5, G5, C7): hotline, branch, online, account manager, third party; after Bucklin 1966."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.ground.column import Column
from sim.ground.grid import CENTS, NOBODY
from sim.ground.params import ConfigError, nearest, param
from sim.science.kernels.contact_channels import add_reach, contact
from sim.science.kernels.draw import pick_by_segment
from sim.science.rules.contact_channels import reach, route
from sim.world.mechanisms import ByHook, Mechanism, at

f4 = np.float32
THIRD = "third_party"


@dataclass(frozen=True, kw_only=True)
class ContactChannels(Mechanism):
    """Customers reach a firm through the channel they prefer, or its easiest one and a detour.

    Friction, cost and loss of control are counted over the mean of the segment's preferences, because the fitted
    constants and the known handling cost already hold what is usual. Who serves himself, as by car, contacts nobody.
    """

    columns: ClassVar[Mapping[str, Column]] = {
        "channel": Column(
            "int8", "1", "channel of the last purchase occasion, in the order of friction; -1 if none was used", "", (), NOBODY,
            place_of="channel",
        )
    }  # fmt: skip
    tallies: ClassVar[Mapping[str, tuple[str | int, ...]]] = {"contact_cents": ("firm",), "third_party": ("firm",)}
    passing: ClassVar[Mapping[str, Column]] = {
        "way": Column("uint32", "1", "segment x channel, the row of the efforts that concern this customer")
    }
    records: ClassVar[Mapping[str, Column]] = {
        "contact_cost": Column("float64", "¤", "cost of this month's contacts over that of the usual ones"),
        "third_party_share": Column("float64", "1", "part of this month's purchases made at third parties"),
    }
    writes: ClassVar[ByHook] = at(on_occasion="channel", on_serve="channel quality")
    neutral: ClassVar[Mapping[str, object]] = {"preference": {}}

    friction: Mapping[str, float] = param(
        "effort of reaching a firm through a channel", "utils", low=0, source="Bucklin 1966; register R109"
    )
    detour: float = param(
        "further effort where the preferred channel is not run", "utils", low=0, source="register R110"
    )
    cost: Mapping[str, float] = param(
        "cost of a contact to the firm, by channel", "¤", low=0, source="C5; register R111"
    )
    control: Mapping[str, float] = param(
        "quality lost because the channel explains badly", "utils", low=0, source="Coughlan et al. 2006; register R112"
    )
    preference: Mapping[str, Mapping[str, float]] = param(
        "probability that a segment prefers a channel; empty if contact is not modelled", "1", low=0, high=1,
        source="G5; register R113",
    )  # fmt: skip
    offered: Mapping[str, tuple[str, ...]] = param(
        "channels of the firms that do not run all of them", "1", source="choice of the user"
    )

    def check(self):
        """Every channel has a cost and a control, and nobody prefers or runs one that does not exist."""
        for name in ("cost", "control"):
            if set(getattr(self, name)) != set(self.friction):
                raise ConfigError(f"{name}: expected the channels of friction: {', '.join(self.friction) or 'none'}")
        if self.preference and not self.friction:
            raise ConfigError("preference: expected none without channels; friction names no channel")
        for segment, weights in self.preference.items():
            self._known(weights, f"preference.{segment}")
            if abs(sum(weights.values()) - 1) > 1e-9:
                raise ConfigError(f"preference.{segment}: expected a sum of 1, got {sum(weights.values()):.12g}")
        for firm, channels in self.offered.items():
            self._known(channels, f"offered.{firm}")
            if not channels:
                raise ConfigError(f"offered.{firm} = []: expected at least one channel; leave the firm out for all")

    def _known(self, channels, where):
        for name in channels:
            if name not in self.friction:
                raise ConfigError(f"{where}.{name}: unknown channel; {nearest(name, self.friction)}")

    def check_scenario(self, scenario):
        """Firms and segments must exist, and every segment must prefer something."""
        segments, where = scenario.population.segments, "mechanism.contact_channels"
        for name in self.offered:
            if name not in scenario.firms:
                raise ConfigError(f"{where}.offered.{name}: unknown firm; {nearest(name, scenario.firms)}")
        for name in self.preference:
            if name not in segments:
                raise ConfigError(f"{where}.preference.{name}: unknown segment; {nearest(name, segments)}")
        if self.preference and len(self.preference) < len(segments):
            lacking = next(name for name in segments if name not in self.preference)
            raise ConfigError(f"{where}.preference.{lacking}: missing; every segment needs its preferences")

    def _by_channel(self, values):
        return np.array([values.get(channel, 0.0) for channel in self.friction])

    def axes(self):
        """How many channels there are."""
        return {"channel": len(self.friction)}

    def on_begin(self, market):
        """Work out for every firm, segment and channel what contact means."""
        if not self.preference:
            return
        friction, preference = (
            self._by_channel(self.friction),
            np.array([self._by_channel(self.preference[s]) for s in market.segments]),
        )
        shape = len(market.firms), len(friction)
        routes, reached = np.full(shape, NOBODY, np.int8), np.zeros((shape[0], *preference.shape), f4)
        for firm in market.firms:
            if firm.mode.reached:
                offered = np.array([c in self.offered.get(firm.name, self.friction) for c in self.friction])
                routes[firm.index] = route(friction, offered)
                reached[firm.index] = reach(friction, offered, self.detour, preference)
        cost, control = self._by_channel(self.cost), self._by_channel(self.control)
        names = list(self.friction)
        market.memory["contact_channels"] = {
            "cumulative": np.cumsum(preference, axis=1).astype(f4),
            "route": routes,
            "reach": reached,
            "loss": (control - (preference @ control)[:, None]).astype(f4),
            "cents": np.rint((cost - (preference @ cost)[:, None]) * CENTS).astype(np.int64),
            "third": names.index(THIRD) if THIRD in names else NOBODY - 1,
        }

    def on_occasion(self, rows):
        """Draw the channel that each customer prefers."""
        if self.preference:
            market, cumulative = rows.market, rows.market.memory["contact_channels"]["cumulative"]
            rows.passing["way"], key = rows.scratch(np.uint32), market.key("channel")
            pick_by_segment(
                rows.identity,
                rows.now,
                *key,
                rows.segment,
                cumulative,
                rows.scratch(f4),
                rows.scratch(f4),
                rows.channel,
                rows.passing["way"],
            )

    def on_weigh(self, rows, firm, out_appeal):
        """Add the effort of reaching the firm."""
        if self.preference and firm.mode.reached:
            add_reach(rows.market.memory["contact_channels"]["reach"][firm.index].ravel(), rows.passing["way"], out_appeal)

    def on_serve(self, rows):
        """Make the contact: note the channel used, what it takes off the service, what it costs."""
        if self.preference:
            table, tally = rows.market.memory["contact_channels"], rows.tally
            contact(
                rows.provider, rows.segment, table["route"], table["loss"], table["cents"], table["third"],
                rows.channel, rows.quality, tally["contact_cents"], tally["third_party"],
            )  # fmt: skip

    def on_settle(self, market):
        """Pay for the contacts."""
        cents = market.total("contact_cents")
        for firm in market.firms:
            if firm.mode.accounts:
                firm.bill("contact", float(cents[firm.index]) / CENTS)

    def on_record(self, market):
        """What contacts cost, and how much is sold by others."""
        return {
            "contact_cost": market.total("contact_cents") / CENTS,
            "third_party_share": market.total("third_party") / np.maximum(market.total("purchases"), 1),
        }
