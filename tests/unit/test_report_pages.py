"""Pages say what happened first and fold the rest; figures can be printed: nothing in them is too small, cut off or hidden."""

import io
import re

import pytest
from printed import faults
from rich.console import Console

import sim
from sim.ground.units import told, words_of
from sim.pages import axes, chapters, page, summary, terminal

SMALL = ("population.customers=300", "periods=26", "replications=2")


@pytest.fixture(scope="module", params=["intercity", "telecom"])
def result(request):
    return sim.run(sim.compose(f"scenario={request.param}", *SMALL))


def figures(result):
    drawn = {name: draw(result) for name, draw in page.PICTURES.items()}
    return drawn | {name: told.draw() for name, told in chapters.chapters(result).items() if told.draw}


def test_a_page_begins_with_what_happened_its_cautions_first_then_picture_and_table(result):
    text = page.render(result)
    told = summary.sentences(result)
    cautions = [told.index(sentence) for sentence in told if sentence.startswith("Caution")]
    assert cautions == list(range(1, 1 + len(cautions))), "after what was played, before any headline"
    assert bool(cautions) or result.scenario.name != "intercity"
    heads = ["<h1>", "<h2>What happened</h2>", "Figure 1.", "<h2>The last year</h2>", "<summary>More pictures</summary>"]
    heads += [f"<summary>{told.title}</summary>" for told in chapters.chapters(result).values()]
    heads += ["<summary>What the words mean</summary>", "<summary>Where this comes from</summary>", "<dt>mechanisms</dt>"]
    places = [text.index(head) for head in heads]
    assert places == sorted(places)
    assert text.rindex("<dt>") == text.index("<dt>mechanisms</dt>"), "names of mechanisms come last"
    unfolded = re.sub(r"<details>.*?</details>", "", text, flags=re.DOTALL)
    assert unfolded.count("<svg") == 1 and unfolded.count("<table") == 1 and text.count("<svg") > 6
    assert "word_of_mouth" not in unfolded


def test_a_terminal_says_the_same_in_the_same_order(result):
    out = io.StringIO()
    terminal.show(result, Console(file=out, width=120))
    said = " ".join(out.getvalue().split())
    sentences = (told(sentence, words_of(result.scenario)) for sentence in summary.sentences(result))
    parts = [*(" ".join(sentence.split()) for sentence in sentences), "Position in the last year"]
    places = [said.index(part) for part in [*parts, *(chapter.title for chapter in chapters.chapters(result))]]
    assert places == sorted(places)


def test_tables_tell_parts_of_a_whole_in_per_cent_with_the_unit_in_the_heading(result):
    table = summary.table(result).set_index("firm")
    share = result.replications[result.replications["period"] > result.replications["period"].max() - 12]
    share = share.groupby(["firm", "seed"])["share"].mean().groupby("firm").mean()
    for title in table.columns[1:]:
        assert re.search(r" \[(%|¤|¤/month|utils)\]$", title), title
    column = table.filter(regex=r"^share of .* \[%\]$").iloc[:, 0]
    assert {firm: cell.split(" ")[0] for firm, cell in column.items()} == {f: f"{100 * share[f]:.1f}" for f in column.index}


def test_no_text_of_a_figure_is_smaller_than_eight_points_in_print_or_cut_off(result):
    assert {name: faults(figure) for name, figure in figures(result).items() if faults(figure)} == {}


def test_of_markers_in_one_place_each_can_be_seen_and_all_are_named():
    figure, (axis,) = axes.grid(1, 1, 2.5)
    axis.set(xlim=(-0.1, 1), ylim=(-0.1, 1))
    names = {"here": (0.0, 0.0), "there": (0.5, 0.5), "too": (0.001, 0.0), "also": (0.0, 0.002)}
    axes.mark_points(axis, names, dict.fromkeys(names, axes.Look("#0072B2", "", "o", "-")))
    sizes = {tuple(line.get_xydata()[0]): line.get_markersize() for line in axis.get_lines()}
    assert sizes[0.0, 0.0] > sizes[0.001, 0.0] > sizes[0.0, 0.002] == sizes[0.5, 0.5]
    assert {text.get_text() for text in axis.texts} == {"here and too and also", "there"}


def test_who_does_not_know_a_firm_is_drawn_and_named(result):
    (left, _) = figures(result)["standing"].axes
    assert "unaware" in [text.get_text() for text in left.get_legend().get_texts()]
    tops = {round(bar.get_x(), 6): 0.0 for bar in left.patches}
    for bar in left.patches:
        tops[round(bar.get_x(), 6)] += bar.get_height()
    assert list(tops.values()) == pytest.approx([1.0] * len(tops)), "parts of all customers add up to all of them"
