"""Names are shown letter by letter in pictures, by fonts that have the letters, or it is said that none has."""

import html
import io
import sys
from xml.etree import ElementTree

import matplotlib as mpl
import pandas as pd
import pytest
from letters import CODES, MARKUP, SCRIPTS

from sim.desk import screen
from sim.ground.shown import visible
from sim.pages import axes, fonts, response
from sim.pages import html as page
from sim.study.declared import Name
from sim.study.factor import Factor

DRAWN = [*MARKUP, *CODES, *SCRIPTS, *map("".join, zip(MARKUP[::2], MARKUP[1::2], strict=False))]  # drawing takes time


def drawn(figure):
    """Texts of a figure, line by line."""
    out = io.BytesIO()
    with mpl.rc_context({"svg.fonttype": "none"}):
        figure.savefig(out, format="svg")
    tree = ElementTree.fromstring(out.getvalue())
    return {"".join(text.itertext()) for text in tree.iter("{http://www.w3.org/2000/svg}text")}


def lines(name):
    return {visible(line) for line in name.split("\n") if line.strip()}


def chunks(names, size):
    return [names[start : start + size] for start in range(0, len(names), size)]


@pytest.mark.parametrize("rc", [{}, {"text.parse_math": True, "text.usetex": True}], ids=["plain", "a user's own style"])
def test_a_picture_shows_names_letter_by_letter(rc):
    with mpl.rc_context(rc):
        for names in chunks(DRAWN if not rc else MARKUP, 24):
            figure, (left, right) = axes.row(2, 20.0)
            figure.set_figwidth(30.0)
            left.set_yticks(range(len(names)), names)
            for place, name in enumerate(names):
                right.plot([0, 1], [place, place], label=axes.keyed(name))
            axes.name_lines(right, {name: (1.0, place) for place, name in enumerate(names)})
            axes.name_points(left, {name: (1.0, place) for place, name in enumerate(names)})
            right.legend()
            left.set(title=names[0], xlabel=names[1], ylabel=names[2])
            figure.suptitle(names[3])
            seen = {text.strip() for text in drawn(figure)}
            for name in names:
                assert {line.strip() for line in lines(name)} <= seen, (name, seen)


def test_pictures_of_studies_draw_any_firm_level_and_factor():
    """One picture a dozen names: along one factor, and over two, where levels, firms and factors have such names."""
    measure = response.Measure("share", "share [/b] $x$", "1")
    for names in chunks([name for name in DRAWN if name.strip()], 24):
        names = list(dict.fromkeys([*names, "a", "b"]))
        first, second = (
            Factor(name=name, keys=(name,), levels=tuple(names), words={}, low=0, high=0, whole=False) for name in names[:2]
        )
        firms = {name: name for name in names[:3]}
        rows = pd.DataFrame(
            [
                {"point": i, "seed": seed, "firm": firm, first.name: a, second.name: names[0], "share": 0.1 * seed + 0.01 * i}
                for seed in (1, 2)
                for i, a in enumerate(names)
                for firm in firms
            ]
        )
        called = {name: Name(name) for name in names[:2]}
        one = drawn(response.along_one(rows, measure, first, firms, called))
        two = drawn(response.over_two(rows, measure, (first, second), firms, called))
        for name in names:
            assert lines(name) <= one | {line.strip() for line in one}, name
            assert lines(name) <= two | {line.strip() for line in two}, name


def test_a_picture_cuts_a_name_that_would_push_it_off_the_page():
    figure, (axis,) = axes.row()
    axis.set_yticks([0, 1], ["x" * 300, "y"])
    axis.set_title("z" * 300)
    assert {"x" * (axes.TICK - 1) + "…", "z" * (axes.LONG - 1) + "…"} <= drawn(figure)


def test_letters_that_no_font_has_are_said_once_and_quietly(monkeypatch, capsys):
    monkeypatch.setattr(fonts, "LOST", {})
    figure, (axis,) = axes.row()
    axis.set_title("\U00016a0a bus")  # Bamum: of no font that is likely to be installed
    if not fonts.families_for(frozenset("\U00016a0a"))[1]:
        pytest.skip("a font here has Bamum")
    told = page.picture(figure, 1, "t", "A bus.")
    assert told.count("No font here draws") == 1
    assert "Glyph" not in told
    monkeypatch.setitem(sys.modules, "sim.pages.fonts", fonts)
    screen.say_undrawn()
    out, err = capsys.readouterr()
    assert not out
    assert len(err.splitlines()) == 1
    assert "Noto" in err


def test_a_letter_is_drawn_by_a_font_that_has_it():
    """Of fonts that matplotlib brings, only the mathematical ones have this letter: the usual font gives way to one."""
    letter = next(c for c in map(chr, range(0xE000, 0xF8FF)) if not fonts.has(fonts.findfont("DejaVu Sans"), c) and fonts.families_for(frozenset(c))[0])
    figure, (axis,) = axes.row()
    title = axis.set_title(f"x{letter}")
    drawn(figure)
    assert title.get_fontfamily()[1:] == list(fonts.families_for(frozenset(letter))[0])


def test_attributes_of_pictures_cannot_be_left():
    figure, _ = axes.row()
    for name in ('"><script>', "' onload='x", "\x1b[31m"):
        told = page.svg(figure, name)
        assert html.escape(visible(name)) in told
        assert "<script" not in told
