"""Names are shown letter by letter in every medium: terminal, page, Markdown; in every encoding and script."""

import io
import itertools
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from letters import CODES, MARKUP, SCRIPTS
from markdown_it import MarkdownIt
from rich.console import Console

import sim
from sim.desk import cli, screen
from sim.ground.names import check_name
from sim.ground.params import ConfigError
from sim.ground.shown import visible
from sim.ground.units import AS_WRITTEN
from sim.pages import html as page
from sim.pages import markdown, terminal
from sim.study.words import factor_of, parsed
from sim.world.composing.spelling import quoted, spelled

ROOT = Path(__file__).parents[2]
NAMES = [*MARKUP, *CODES, *SCRIPTS, *(f"x{name}y" for name in (*MARKUP, *CODES)), *map("".join, itertools.pairwise(MARKUP))]
ENCODINGS = ["ascii", "cp1252", "latin-1", "cp437", "koi8-r", "gbk", "shift_jis", "utf-8"]
SEEN = [visible(name) for name in NAMES]


def frame(names):
    return pd.DataFrame({"firm": names, "share of [b] [1]": ["0.5 ±0.1"] * len(names)})


def onto(width=400):
    return Console(file=io.StringIO(), width=width, force_terminal=True, color_system="truecolor")


def written(console):
    return re.sub(r"\x1b\[[\d;]*m", "", console.file.getvalue())


@pytest.mark.parametrize("names", [NAMES, SEEN], ids=["names", "twice"])
def test_a_terminal_shows_names_letter_by_letter(names):
    console = onto()
    for name in names:
        console.print(terminal.text_table(frame([name]), name, console, AS_WRITTEN), crop=False)
        terminal.say(console, name)
        told = written(console)
        assert told.count(visible(name)) >= 3, (name, told)
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", told), name
        console.file.seek(0)
        console.file.truncate()


def test_no_name_is_cut_where_there_is_room():
    for name in SCRIPTS:
        console = onto(60)
        console.print(terminal.text_table(frame([name, "a"]), "t", console, AS_WRITTEN), crop=False)
        assert name in written(console)
        assert "…" not in written(console)


def test_lines_and_bars_show_names_letter_by_letter(capsys):
    bar = screen.bar("runs", quiet=False)
    for name in NAMES:
        screen.say(name)
        bar.add_task(visible(name))
        task = bar.tasks[-1]
        assert bar.columns[0].render(task).plain == visible(name)
        console = screen.console()
        console.print(name.replace("\n", ""))
        bar.remove_task(task.id)
    out = capsys.readouterr().out
    assert all(name in out for name in SEEN)
    assert "🚗" not in out  # :car:


class Texts(HTMLParser):
    """What a reader of a page sees, element by element, and which elements there are."""

    def __init__(self, text):
        super().__init__()
        self.seen, self.tags = [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.seen.append("")

    def handle_data(self, data):
        if self.seen:
            self.seen[-1] += data


def test_a_page_shows_names_letter_by_letter():
    for name in NAMES:
        for part, tags in (
            (page.table(frame([name])), "div table thead tr th th tbody tr td td"),
            (page.table(pd.DataFrame({name: [1]})), "div table thead tr th tbody tr td"),
            (page.listed([name]), "ul li"),
            (page.note(name), "p"),
            (page.heading(name), "h2"),
            (page.facts({name: name}), "dl dt dd"),
        ):
            found = Texts(part)
            assert " ".join(found.tags) == tags, name
            assert visible(name) in [text.removesuffix("\n" + " " * 6).rstrip("\n") for text in found.seen] + [
                text.rstrip() for text in found.seen
            ], (name, found.seen)
        head = Texts(page.document(name, [], AS_WRITTEN)).seen
        assert f"Differentia: {visible(name)}" in head


def test_markdown_shows_names_letter_by_letter():
    reader = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    for name in NAMES:
        wanted = visible(" ".join(name.split()))
        for text in (markdown.pipes(frame([name])), markdown.bullets([name]), f"# {markdown.plain(name)}"):
            inline = [token for token in reader.parse(text) if token.type == "inline"]
            kinds = {child.type for token in inline for child in token.children}
            assert kinds <= {"text", "text_special"}, (name, kinds)
            assert wanted in ["".join(child.content for child in token.children) for token in inline] + [""], (name, text)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_what_an_encoding_lacks_is_replaced(encoding, monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="\n")
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setattr(sys, "stderr", stream)
    for words in (["plan"], ["describe", "mechanism.imitation"], ["--help"], ["population.customers=é"]):
        cli.main(words)
    for name in NAMES:
        screen.say(name)
        screen.console().print(terminal.text_table(frame([name, "a"]), name, screen.console(), AS_WRITTEN))
    stream.flush()
    told = stream.buffer.getvalue().decode(encoding)
    assert ("0.5 ±0.1" if encoding not in ("ascii", "koi8-r", "shift_jis") else "0.5 +-0.1") in told or "±" in told
    assert "\x1b" not in told


def test_a_sweep_ends_well_on_a_terminal_of_ascii(tmp_path):
    env = os.environ | {"PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii", "PYTHONPATH": str(ROOT), "LC_ALL": "C"}
    words = ["sweep", "engine=serial", "name=夜班车", "population.customers=100", "periods=2", "replications=1"]
    words += ["firms.thrift.markup=0.1,0.2", "mechanism=[]", "metrics=[share]", "--folder", "here"]
    ended = subprocess.run([sys.executable, "-m", "sim", *words], cwd=tmp_path, env=env, capture_output=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.isascii()
    assert b"+-" in ended.stdout or b"fingerprint" in ended.stdout
    assert "±" in (tmp_path / "here" / "study.html").read_text(encoding="utf-8")


def test_a_folder_is_one_value_whatever_its_name():
    """As a run of each combination hands it to Hydra; a comma does not make two of it."""
    for name in [*MARKUP, *SCRIPTS, "a,b", "x=1", "it's", "a\\'b", "a\\"]:
        read = OverridesParser.create().parse_override(f"x={quoted(name)}")
        assert str(read.value()) == name


VALUES = [*SCRIPTS, "夜 班", "夜'班", "夜\\", "a&b", "x<y>", "a!b", "夜:x", "#1", "a;b", "夜=x", "~x^y", 'é"x"']


@pytest.mark.parametrize("value", VALUES)
def test_a_value_is_taken_in_any_script(value):
    read = OverridesParser.create().parse_override(spelled(f"x={value}"))
    assert str(read.value()) == value
    assert spelled(spelled(f"x={value}")) == spelled(f"x={value}")
    if not value.endswith("\\"):  # which takes a comma for a letter
        assert factor_of("x", ["x"], parsed(f"x={value},{value}1")).levels == (value, f"{value}1")


@pytest.mark.parametrize("word", ["firms.夜.markup=1", "夜=1", "x={夜: 1}", "x=\udcff"])
def test_what_the_grammar_cannot_hold_is_said_in_one_line(word):
    with pytest.raises(ConfigError) as told:
        spelled(word)
    assert "files only" in str(told.value) or "UTF-8" in str(told.value)
    assert "\n" not in str(told.value)


def test_names_are_letters_of_any_script():
    for name in ("夜班车", "نقل سريع", "नाइट", "รถเมล์", "심야버스", "e\u0301a", "автобус", "a.b-c d"):
        check_name(name, "firms")
    for name in ("", ".", "../x", "a/b", "a\nb", "a\x1bb", "[x]", "$x$", "<x>", "a\u202eb", "-x", "\ud800", "x" * 41):
        with pytest.raises(ConfigError, match="^firms: expected a name"):
            check_name(name, "firms")
    assert sim.compose("name=夜班车").name == "夜班车"
