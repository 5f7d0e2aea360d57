"""The command `differentia`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

HELP = """\
Differentia plays competitive service markets: firms with strategies, customers who choose.

Usage
  differentia                            play the scenario `intercity` and write a report
  differentia seed=7 periods=24          other values; anything can be set as name=value
  differentia describe [WORD ...]        columns, parameters, units, sources; a word narrows it down
  differentia describe mechanism         every mechanism: what it does, source, neutral value, cost
  differentia plan                       what happens in a period, in order
  differentia profile [name=value ...]   how fast it plays, and which mechanisms take the time
  differentia fit                        fit the travellers' tastes again and print them

Many runs
  differentia sweep a=1,2 'b=range(1,4)' every combination with every seed, kept in a store
  differentia compare a=1 a=2            two scenarios, same draws: verdict, who moved from whom
  differentia compare FOLDER a=1 a=2     the same of what a sweep has played
  differentia explain a=1 a=2            how much of a difference each thing that differs brings
  differentia analyse FOLDER             what a study says: sensitivity, boxes, regret
  differentia --multirun periods=24,60   a run of its own for each value, compared at the end

Values you may want to set
  scenario=intercity | telecom | two_leaders   the market to play
  seed=1 replications=10                 first seed; how many seeds stand behind the intervals
  periods=60                             months
  population.customers=20000             customers
  threads=1                              threads that share the customers; results stay the same
  mechanism=all | [] | [contexts,signature]    which rules of the market are on
  mechanism.imitation.lag=6              a rule's own value
  firms.thrift.strategy=distinctiveness  another strategy for a firm
  firms.thrift.pricing=undercut          another way to set fares
  firms.grandcoach.markup=0.1            a value of a firm, its strategy or its pricing rule
  ~firms.thrift                          leave a firm out
  records=monthly | yearly | panel       how often it is written down; panel: a sample, too
  experiment=price_war | opening | ...   an experiment's own values, a file of configs/experiment

Values of studies
  design=factorial | random | latin_hypercube | sobol | morris   design.samples=64
  engine=processes | serial | dask | ray | slurm                 engine.workers=2
  precision.metric=share precision.half_width=0.005              add seeds until it is known so well
  'tables=[firms,market,spending]' moves=2000                    what is kept; whom compare follows

Options
  --config-dir DIR         a folder with configuration files of your own, searched first
  --cfg                    print the configuration and stop
  --allow-foreign-code     let a configuration name classes outside this package; they run code
  --quiet, -q              print nothing but errors and the folder of the results
  --no-report              write the tables only, no page
  --multirun, -m           see above
  --help, -h  --version

Options of studies
  --folder DIR             keep the study there; by default a new folder under results/
  --resume                 go on with the study in --folder: play only what is missing
  --dry-run                say how many runs, how long and how much disk, and stop (sweep)
  --fail-fast              stop at the first run that fails (sweep)
  --retry-failed           play failed runs again, with --resume (sweep)
  --with "WORDS"           one more arm with these values; "" is as it stands (compare, explain)
  --metric M --firm F      what to explain or analyse, such as --metric share --firm thrift
  --report-folder DIR      write the pages there (compare, explain, analyse)

Results go to results/<scenario>/<time>/ under the current folder: report.html, records.parquet,
market.parquet, features.parquet, spending.parquet, tenders.parquet; the same of all seeds as
replications*.parquet; entry.csv, tenders.csv, dealers.csv where the page tells of them; config.yaml,
manifest.json. A study has study.html, study.csv, study.json and chunks/.
Exit codes: 0 done, 2 a mistake in the words, 3 some runs failed, 130 stopped by Ctrl-C.
"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Say a wrong option in one line, like every other mistake."""
        from sim.params import ConfigError

        raise ConfigError(f"{message}; differentia --help lists the options")


def _arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = _Parser(prog="differentia", add_help=False, allow_abbrev=False)
    parser.add_argument("words", nargs="*")
    parser.add_argument("--multirun", "-m", action="store_true")
    parser.add_argument("--config-dir", default=None)
    parser.add_argument("--cfg", action="store_true")
    parser.add_argument("--allow-foreign-code", action="store_true")
    parser.add_argument("--quiet", "-q", action="store_true")
    parser.add_argument("--no-report", action="store_true")
    parser.add_argument("--folder", default=None)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--dry-run", action="store_true")
    parser.add_argument("--fail-fast", action="store_true")
    parser.add_argument("--retry-failed", action="store_true")
    parser.add_argument("--with", dest="arms", action="append")
    parser.add_argument("--metric", default=None)
    parser.add_argument("--firm", default=None)
    parser.add_argument("--report-folder", default=None)
    return parser.parse_intermixed_args(argv)


COMMANDS = ("describe", "plan", "profile", "fit", "sweep", "compare", "explain", "analyse")
COMMON = {"words", "config_dir", "allow_foreign_code", "quiet"}
TAKES = {  # options of a command beside the common ones
    "sweep": {"folder", "resume", "dry_run", "fail_fast", "retry_failed", "no_report"},
    "compare": {"folder", "resume", "arms", "report_folder"},
    "explain": {"folder", "resume", "arms", "metric", "firm", "report_folder"},
    "analyse": {"metric", "firm", "report_folder"},
    "profile": set(),
    "": {"multirun", "cfg", "no_report"},
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code: 0 done, 2 a mistake, 3 runs failed, 130 stopped by Ctrl-C."""
    argv = list(sys.argv[1:] if argv is None else argv)
    if {"-h", "--help"} & set(argv):
        print(HELP, end="")
        return 0
    if "--version" in argv:
        from sim import __version__

        print(f"differentia {__version__}")
        return 0
    from sim.params import ConfigError

    try:
        return _dispatch(_arguments(argv))
    except ConfigError as error:
        print(f"differentia: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # the reader has seen enough, as in `differentia describe | head`
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115
        return 0
    except OSError as error:
        print(
            f"differentia: {error.filename or 'output'}: {error.strerror or error}; what was written before stays readable",
            file=sys.stderr,
        )
        return 2
    except MemoryError:
        print("differentia: population.customers: more customers than fit into memory", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("differentia: stopped", file=sys.stderr)
        return 130


def _refuse_strangers(command: str, args: argparse.Namespace) -> None:
    """Raise `ConfigError` for an option that belongs to another command."""
    from sim.params import ConfigError

    allowed = COMMON | TAKES.get(command, TAKES[""])
    for name, value in vars(args).items():
        if value and name not in allowed:
            word = "--with" if name == "arms" else f"--{name.replace('_', '-')}"
            whose = ", ".join(c for c, names in TAKES.items() if c and name in names)
            raise ConfigError(
                f"{word}: not an option of {command or 'a run'}" + (f"; it is one of {whose}" if whose else "")
            )


def _dispatch(args: argparse.Namespace) -> int:
    first, *rest = args.words or [""]
    _refuse_strangers(first if first in TAKES else "", args)
    if first in ("sweep", "compare", "explain", "analyse"):
        from sim import console_study

        args.words = rest
        return getattr(console_study, first)(args)
    if first in ("plan", "fit") and rest:
        from sim.params import ConfigError

        raise ConfigError(f"{first} {' '.join(rest)}: {first} takes nothing more")
    if first == "describe":
        from sim.describe import dictionary, overview

        print(overview() if rest == ["mechanism"] else dictionary(rest))
        return 0
    if first == "profile":
        return _profile(rest, args)
    if first == "plan":
        from sim.describe import plan

        print(plan())
        return 0
    if first == "fit":
        from sim.fit.mode_choice import report

        print(report())
        return 0
    from sim import console
    from sim.params import ConfigError, nearest

    for word in args.words:
        if "=" not in word and not word.startswith("~"):
            raise ConfigError(f"{word}: not a command and not name=value; {nearest(word, COMMANDS)}")
    return console.multirun(args) if args.multirun else console.single(args)


def _profile(words: Sequence[str], args: argparse.Namespace) -> int:
    from rich.console import Console

    from sim.configuration import compose
    from sim.profile import profile, show

    scenario = compose(*words, config_dir=args.config_dir, allow_foreign=args.allow_foreign_code)
    show(profile(scenario), Console(width=None if sys.stdout.isatty() else 120))
    return 0


if __name__ == "__main__":
    sys.exit(main())
