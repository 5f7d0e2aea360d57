"""What a report tells of newcomers, tenders and dealers is what the records say, and nothing where the rule is off."""

import dataclasses
import io
import re

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

import sim
from sim.desk import cli
from sim.metrics.interval import half_width, proportion
from sim.pages import chapters, page, terminal
from sim.pages.axes import name_lines, row
from sim.pages.style import looks

TITLES = ("Who entered and who left", "Who won the tenders", "How dealers fared in the last year")
BUYER = (
    "+mechanism.tenders.institutions.{}={{modes:[bus],batch:10,months:3,first:1,seats:0,comfort:{},price_cap:90,solvent:false,"
    "weights:{{price:1,practicality:0,novelty:0,service:0}},delay:0,default:0}}"
)
SMALL = ["population.customers=1000", "periods=8", "replications=2"]
WORLD = [
    *SMALL, "mechanism=[entry,tenders,dealers,cost_accounting]", "+mechanism.entry.opening.echo=3", "mechanism.entry.invited=[mosaic]",
    "+mechanism.entry.patience.bus=2", "firms.thrift.opening_cash=0", "firms.thrift.overhead=9", "mechanism.entry.hurdle=-99",
    "mechanism.entry.watch=2", "mechanism.dealers.buyers=0.9", "firms.nightowl.policy.dealers={protection: 2, branches: 1}",
    BUYER.format("county", -9), BUYER.format("duchy", 99),
]  # fmt: skip


@pytest.fixture(scope="module")
def result():
    return sim.run(sim.compose(*WORLD))


def told(result):
    return chapters.chapters(result)


def printed(result):
    out = io.StringIO()
    terminal.show(result, Console(file=out, width=120))
    return out.getvalue()


def test_months_of_entry_and_leaving_are_those_in_which_fares_begin_and_end(result):
    found = told(result)["entry"].numbers.set_index("firm")
    there = result.replications.dropna(subset="price").groupby(["firm", "seed"])["period"].agg(["min", "max"])
    assert found.index.tolist() == ["echo", "grandcoach", "mosaic", "nightowl", "thrift"], "only who may come or go"
    for firm in ("echo", "mosaic"):
        came = there.loc[firm, "min"]
        assert len(came) == 2
        assert found.loc[firm, ["entered", "entered_month"]].tolist() == [1.0, came.mean()]
        assert found.loc[firm, "entered_half"] == pytest.approx(half_width(came), nan_ok=True)
    assert found.loc["thrift", "left_month"] == there.loc["thrift", "max"].mean() + 1
    assert found.loc["thrift", ["entered", "left", "there"]].tolist() == [0.0, 1.0, 0.0]
    assert found.loc["nightowl", ["entered", "left", "there"]].tolist() == [0.0, 0.0, 1.0]
    table = told(result)["entry"].brief.set_index("firm")
    assert table.loc["echo", ["entered [% of seeds]", "month of entry"]].tolist() == ["planned", "3.0 ±0.0"]
    assert table.loc["nightowl", ["entered [% of seeds]", "month of entry", "left [% of seeds]"]].tolist() == [
        "–",
        "at the start",
        "0 (0 to 66)",
    ]
    assert (
        "Of 5 that may come or go, 4.0 ±0.0 were in the market in the last month." in told(result)["entry"].tables[0][1]
    )


def test_it_is_told_in_how_many_seeds_a_firm_came_and_went(result):
    rows = result.replications[result.replications["firm"] == "mosaic"]
    made = [
        rows[rows["seed"] == 1].assign(seed=seed, entered=2.0 + seed, left=np.nan, trading=True) for seed in range(4)
    ]
    made[0]["entered"], made[0]["trading"] = np.nan, False
    made[3]["left"], made[3]["trading"] = 7.0, made[3]["period"] < 7
    made = pd.concat(made)
    changed = dataclasses.replace(result, replications=pd.concat([result.replications.query("firm != 'mosaic'"), made]))
    table = told(changed)["entry"].brief.set_index("firm").loc["mosaic"]
    low, high = proportion(3, 4)
    assert table["entered [% of seeds]"] == f"75 ({100 * low:.0f} to {100 * high:.0f})"
    assert table["month of entry"] == f"4.0 ±{half_width(np.array([3.0, 4.0, 5.0])):.1f}"
    assert table["month of leaving"] == "7.0"
    assert table["there in the end [% of seeds]"].startswith("50 (")


def test_every_tender_has_its_winner_and_its_price(result):
    market = sim.Market(sim.compose(*WORLD))
    market.run_for(8)
    awards = [award for buyer in market.institutions for award in buyer.awards]
    own = result.tenders[result.tenders["seed"] == 1].drop(columns="seed")
    won = own[own["firm"] != ""]
    assert won.to_dict("records") == awards
    assert [award["period"] for award in awards] == [1, 2, 5], "the first winner leaves in month 2"
    lapsed = own[own["firm"] == ""]
    assert lapsed["institution"].tolist() == ["duchy"] * 7
    assert lapsed["price"].isna().all() and lapsed["bids"].eq(0).all()
    (over, _), (each, _) = told(result)["tenders"].tables
    assert told(result)["tenders"].numbers.equals(result.tenders)
    assert over[["institution", "won by"]].values.tolist()[-1] == ["duchy", "nobody: lapsed"]
    assert over.iloc[-1][["tenders [1/run]", "part of its tenders [%]", "price [¤/journey]"]].tolist() == [
        "7.0",
        "100 ±0",
        "–",
    ]
    assert each["tender"].tolist() == ["county 1", "county 2", "county 3"]
    first = result.tenders.query("institution == 'county' and period == 1")
    by_hand = f"{first['price'].mean():.2f} ±{half_width(first['price']):.2f}"
    assert each.iloc[0][["month", "price [¤/journey]"]].tolist() == ["1", by_hand]
    assert each.iloc[0]["won by (seeds)"] == f"{first['firm'].iloc[0]} (2)"


def test_parts_of_tenders_are_parts_in_every_seed_and_prices_those_of_who_won(result):
    rows = [(1, "thrift", 28.0), (1, "thrift", 30.0), (1, "echo", 20.0), (1, "", np.nan), (2, "thrift", 33.0)]
    made = pd.DataFrame(rows, columns=["seed", "firm", "price"]).assign(institution="county", period=range(5), bids=3)
    (over, _), (each, _) = told(dataclasses.replace(result, tables={"tenders": made}))["tenders"].tables
    assert over["won by"].tolist() == ["thrift", "echo", "nobody: lapsed"]
    parts = [f"{100 * np.mean(p):.0f} ±{100 * half_width(np.array(p)):.0f}" for p in ([0.5, 1.0], [0.25, 0.0], [0.25, 0.0])]
    assert over["part of its tenders [%]"].tolist() == parts
    assert over["price [¤/journey]"].tolist() == [f"31.00 ±{half_width(np.array([29.0, 33.0])):.2f}", "20.00", "–"]
    assert each["won by (seeds)"].tolist() == ["thrift (2)", "thrift (1)", "echo (1)"]
    assert each["month"].tolist() == ["0 to 4", "1", "2"]


def test_no_tender_is_lost_between_two_records(result):
    rarely = sim.run(sim.compose(*WORLD, "records=yearly"))
    assert rarely.tenders.equals(result.tenders)


def test_dealers_sales_margin_and_guarantee_are_those_of_the_records(result):
    chapter = told(result)["dealers"]
    rows = result.replications[result.replications["firm"] == "nightowl"].set_index("seed")
    income = (rows["dealer_margin"] + rows["dealer_protection"]) / rows["dealers"]
    by_seed = {
        "dealer_sales": rows["dealer_sales"], "dealer_part": rows["dealer_sales"] / rows["purchases"],
        "dealer_margin": rows["dealer_margin"], "dealer_protection": rows["dealer_protection"], "dealer_income": income,
    }  # fmt: skip
    found = chapter.numbers.set_index("firm").loc["nightowl"]
    for name, values in by_seed.items():
        means = values.groupby(level="seed").mean()
        assert found[[name, f"{name}_half"]].tolist() == pytest.approx([means.mean(), half_width(means)])
    assert found["dealer_protection"] > 0
    assert set(chapter.numbers["firm"]) == {"nightowl", "mosaic", "grandcoach", "thrift", "echo"}, "air has no dealers"
    ((table, note),) = chapter.tables
    assert {"guarantee paid [¤/month]", "sold at branches [journeys/month]"} <= set(table.columns)
    assert "otherwise" in note and " 3 ¤" in note
    none = result.replications.assign(dealer_protection=0.0, branch_sales=0)
    ((table, _),) = told(dataclasses.replace(result, replications=none))["dealers"].tables
    assert not {"guarantee paid [¤/month]", "sold at branches [journeys/month]"} & set(table.columns)


def test_the_page_and_the_terminal_tell_all_of_it(result, monkeypatch):
    monkeypatch.setattr("sim.pages.page.PICTURES", {"shares": page.PICTURES["shares"]})
    text, said = page.render(result), printed(result)
    for title in TITLES:
        assert f"<summary>{title}</summary>" in text
        assert title in said
    assert text.count("<svg") == 3
    assert [int(n) for n in re.findall(r"<b>Figure (\d+)", text)] == [1, 2, 3]
    assert "nan" not in said and ">nan<" not in text.lower()
    for word in ("nobody: lapsed", "planned", "at the start", "county 3 "):
        assert (word in said) == (word != "county 3 "), "a terminal shows the winners, a page every tender"
    assert "county 3" in text


@pytest.mark.parametrize("overrides", [["mechanism=[]"], ["mechanism=[entry,tenders,cost_accounting]"]])
def test_nothing_is_told_of_what_is_off_or_cannot_happen(overrides):
    quiet = sim.run(sim.compose("population.customers=300", "periods=2", "replications=1", *overrides))
    assert chapters.chapters(quiet) == {}
    assert not [title for title in TITLES if title in printed(quiet)]


def test_numbers_lie_beside_the_page_as_csv(tmp_path, monkeypatch, result):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sim.pages.page.PICTURES", {"shares": page.PICTURES["shares"]})
    assert cli.main([*WORLD, "-q", "hydra.run.dir=out"]) == 0
    tenders = pd.read_csv("out/tenders.csv", keep_default_na=False)
    assert tenders["firm"].tolist() == result.tenders["firm"].tolist()
    assert pd.read_csv("out/entry.csv")["entered_month"].max() == told(result)["entry"].numbers["entered_month"].max()
    assert len(pd.read_csv("out/dealers.csv")) == 5
    both = pd.read_parquet("out/replications_tenders.parquet")
    assert both["price"].equals(result.tenders["price"])
    assert len(pd.read_parquet("out/tenders.parquet")) == (both["seed"] == 1).sum()


def test_a_study_keeps_tenders_if_it_is_asked_to(tmp_path):
    asked = [
        "mechanism.tenders.bid_markup=0.1,0.4",
        "tables=[firms,tenders]",
        "engine=serial",
        "replications=1",
        "metrics=[share]",
    ]
    study = sim.sweep(*WORLD[:2], *WORLD[3:], *asked, folder=tmp_path / "study")
    prices = study.query(
        "SELECT point, avg(price) AS price FROM tenders JOIN runs USING (run) GROUP BY point ORDER BY point"
    )
    assert prices["price"].iloc[1] / prices["price"].iloc[0] == pytest.approx(1.4 / 1.1, rel=0.01)


def test_the_picture_shows_who_was_there_and_how_many(result):
    left, right = told(result)["entry"].draw().axes[:2]
    names = [label.get_text() for label in left.get_yticklabels()]
    shades = left.collections[0].get_array().reshape(len(names), -1)
    assert shades[names.index("echo")].tolist() == [0, 0, 0, 1, 1, 1, 1, 1]
    assert shades[names.index("thrift")].tolist() == [1, 1, 0, 0, 0, 0, 0, 0]
    values, edges, _ = right.patches[-1].get_data()
    there = result.replications.query("firm in @names").groupby("period")["trading"].sum() / 2
    assert values.tolist() == there.tolist()
    assert edges.tolist() == list(range(9))


def test_four_firms_of_one_strategy_can_be_told_apart_and_named():
    chosen = list(looks(dict.fromkeys("abcd", "fixed")).values())
    for trait in ("colour", "line", "marker"):
        assert len({getattr(look, trait) for look in chosen}) == 4
    _, (axis,) = row(1)
    axis.plot([0, 1], [0, 0])
    axis.plot([0, 1], [0, 9])
    name_lines(axis, dict.fromkeys("abcde", (1, 0.0)))
    assert min(text.xyann[1] for text in axis.texts) > axis.get_ylim()[0]


def test_units_in_brackets_are_printed(result):
    said = printed(result)
    assert "[utils]" in said and "[1/run]" in said
