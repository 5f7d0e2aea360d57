"""Numbers and names that documents state are those of the code: formulas, versions, dates, whose law it is."""

import datetime
import importlib.util
import re
from pathlib import Path

import numpy as np
import pytest
import yaml

import sim

ROOT = Path(__file__).parents[2]
CFF_KEYS = {  # of the schema of version 1.2.0
    "abstract", "authors", "cff-version", "commit", "contact", "date-released", "doi", "identifiers", "keywords", "license",
    "license-url", "message", "preferred-citation", "references", "repository", "repository-artifact", "repository-code",
    "title", "type", "url", "version",
}  # fmt: skip
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def test_the_retention_formula_gives_what_the_experiment_of_the_figures_says():
    """At a discount of 12 per cent: 30 per cent at .85, 49 at most, where nobody is left to lose."""
    where = ROOT / "experiments" / "figures"
    spec = importlib.util.spec_from_file_location("figures_analysis", where / "analyse.py")
    analysis = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(analysis)
    gain = lambda r: 100 * ((r + 0.05) / (1.12 - r - 0.05) / (r / (1.12 - r)) - 1)  # noqa: E731 (m r / (1 + d - r) by hand)
    told = (where / "README.md").read_text()
    rows = re.findall(r"\| D4 by the same formula at a retention of (\S+) \| 60 to 80 % \| (\S+) % \| \|", told)
    assert {float(retention) for retention, _ in rows} == set(analysis.CURVE)
    for retention, shown in rows:
        assert float(shown) == pytest.approx(gain(float(retention)), abs=0.05)
        assert analysis.formula(float(retention)) == pytest.approx(gain(float(retention)))
    most = max(analysis.formula(retention) for retention in np.arange(0.40, 0.99, 0.01))
    assert most == pytest.approx(gain(0.95)) and most < 60
    assert f"gives {gain(0.85):.0f} per cent at 0.85 and {gain(0.95):.0f} at 0.95" in " ".join(told.split())


def test_the_citation_has_the_version_and_the_day_of_the_change_log():
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert set(cited) <= CFF_KEYS and cited["cff-version"] == "1.2.0" and cited["type"] == "software"
    assert {"message", "title", "abstract", "authors", "license", "keywords"} <= set(cited)
    assert all(isinstance(author, dict) and author for author in cited["authors"])
    assert cited["version"] == sim.__version__
    released = re.findall(r"^## \[(\S+)\] - (\S+)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert released[0] == (cited["version"], cited["date-released"])
    datetime.date.fromisoformat(cited["date-released"])


def test_the_bibtex_says_what_the_citation_file_says():
    (entry,) = re.findall(r"```bibtex\n@misc\{\w+,\n(.*?)\n\}\n```", (ROOT / "README.md").read_text(), re.DOTALL)
    fields = dict(re.findall(r"^  (\w+) += (.+?),?$", entry, re.MULTILINE))
    plain = {name: value.replace("{", "").replace("}", "") for name, value in fields.items()}
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    day = datetime.date.fromisoformat(cited["date-released"])
    assert plain["title"] == cited["title"] and plain["version"] == cited["version"]
    assert fields["author"] == "{{" + " and ".join(author["name"] for author in cited["authors"]) + "}}"
    assert (plain["year"], plain["month"]) == (str(day.year), MONTHS[day.month - 1])
    assert cited["version"] in plain["note"] and cited["license"] in plain["note"]


@pytest.mark.parametrize("place", ["docs/mechanisms/complexity.md", "sim/science/rules/complexity.py"])
def test_the_law_of_complex_copies_is_called_the_projects_own(place):
    told = " ".join((ROOT / place).read_text().split())
    assert re.search(r"(two|The two) anchors.* this project's own", told) and "Rivkin" in told
