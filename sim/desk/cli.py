"""The command `differentia`."""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Sequence
from typing import NoReturn


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Say a wrong option in one line, like every other mistake."""
        from sim.ground.params import ConfigError

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
    parser.add_argument("--debug", action="store_true")
    return parser.parse_intermixed_args(argv)


COMMANDS = ("describe", "plan", "profile", "fit", "warm", "sweep", "compare", "explain", "analyse")
COMMON = {"words", "debug"}
COMPOSES = {"config_dir", "allow_foreign_code"}
TAKES = {  # options of a command beside the common ones
    "sweep": COMPOSES | {"quiet", "folder", "resume", "dry_run", "fail_fast", "retry_failed", "no_report"},
    "compare": COMPOSES | {"quiet", "folder", "resume", "arms", "report_folder"},
    "explain": COMPOSES | {"quiet", "folder", "resume", "arms", "metric", "firm", "report_folder"},
    "analyse": {"allow_foreign_code", "quiet", "metric", "firm", "report_folder"},
    "profile": COMPOSES,
    "warm": COMPOSES | {"quiet"},
    "describe": set(),
    "plan": COMPOSES,
    "fit": set(),
    "": COMPOSES | {"quiet", "multirun", "cfg", "no_report"},
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code: 0 done, 1 a fault of this program, 2 a mistake, 3 runs failed, 130 Ctrl-C."""
    from sim.ground.shown import lenient

    lenient()
    argv = list(sys.argv[1:] if argv is None else argv)
    if {"-h", "--help"} & set(argv):
        from sim.desk.usage import HELP, OF

        print(OF.get(next((word for word in argv if word in COMMANDS), ""), HELP), end="")
        return 0
    if "--version" in argv:
        from sim import __version__

        print(f"differentia {__version__}")
        return 0
    try:
        from sim.world.composing.spelling import as_typed

        return _dispatch(_arguments([as_typed(word) for word in argv]))
    except BrokenPipeError:  # the reader has seen enough, as in `differentia describe | head`
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115
        return 0
    except (Exception, SystemExit, KeyboardInterrupt) as error:
        from sim.desk.doing import done
        from sim.desk.screen import complain

        done()
        if "--debug" in argv:
            traceback.print_exception(error)
        told, code = _told(error)
        complain(told)
        return code


def _told(error: BaseException) -> tuple[str, int]:
    """The line that says what ended a command, and the exit code."""
    from sim.ground.params import ConfigError

    if isinstance(error, ConfigError):
        return str(error), 2
    if isinstance(error, OSError):
        return f"{error.filename or 'output'}: {error.strerror or error}; what was written before stays readable", 2
    if isinstance(error, UnicodeEncodeError):  # only names of files are written in the system's own encoding
        return f"file names here cannot hold {error.object[error.start : error.end]}; LANG=C.UTF-8 lets them", 2
    if isinstance(error, MemoryError):
        return "population.customers: more customers than fit into memory", 2
    if isinstance(error, KeyboardInterrupt):
        return "stopped", 130
    if isinstance(error, SystemExit):
        return f"a library would end the program (SystemExit: {error.code})", 2
    return f"internal error: {type(error).__name__}: {error}; --debug shows where", 1


def _refuse_strangers(command: str, args: argparse.Namespace) -> None:
    """Raise `ConfigError` for an option that belongs to another command."""
    from sim.ground.params import ConfigError

    allowed = COMMON | TAKES.get(command, TAKES[""])
    for name, value in vars(args).items():
        word = "--with" if name == "arms" else f"--{name.replace('_', '-')}"
        if isinstance(value, str) and not value.strip():
            raise ConfigError(f"{word}: expected a name after it, found nothing")
        if value not in (None, False) and name not in allowed:
            whose = ", ".join(c or "a run" for c, names in TAKES.items() if name in names)
            raise ConfigError(f"{word}: not an option of {command or 'a run'}; it is one of {whose}")


def _dispatch(args: argparse.Namespace) -> int:
    first, *rest = args.words or [""]
    _refuse_strangers(first if first in TAKES else "", args)
    if first not in COMMANDS or first == "warm":
        from sim.desk.doing import doing

        doing("reading the configuration", args.quiet)
    if first in ("sweep", "compare", "explain", "analyse"):
        from sim.desk import console_study

        args.words = rest
        return getattr(console_study, first)(args)
    if first == "fit" and rest:
        from sim.ground.params import ConfigError

        raise ConfigError(f"{first} {' '.join(rest)}: {first} takes nothing more")
    if first == "describe":
        from sim.desk.describe import dictionary, overview

        print(overview() if rest == ["mechanism"] else dictionary(rest))
        return 0
    if first == "profile":
        return _profile(rest, args)
    if first == "warm":
        from sim.desk import warm

        args.words = rest
        return warm.command(args)
    if first == "plan":
        from sim.desk.describe import plan

        print(plan(rest, config_dir=args.config_dir, allow_foreign=args.allow_foreign_code))
        return 0
    if first == "fit":
        from sim.world.population.mode_choice import report

        print(report())
        return 0
    from sim.ground.params import ConfigError, nearest

    for word in args.words:
        if "=" not in word and not word.startswith("~"):
            raise ConfigError(f"{word}: not a command and not name=value; {nearest(word, COMMANDS)}")
    if args.multirun:
        from sim.desk.console_multirun import multirun

        return multirun(args)
    from sim.desk.console import single

    return single(args)


def _profile(words: Sequence[str], args: argparse.Namespace) -> int:
    from sim.desk.profile import profile, show
    from sim.desk.screen import console, say, say_uncached
    from sim.desk.warm import where
    from sim.world.composing.configuration import compose

    scenario = compose(*words, config_dir=args.config_dir, allow_foreign=args.allow_foreign_code)
    say_uncached()
    show(profile(scenario), console())
    say(where())
    return 0


if __name__ == "__main__":
    sys.exit(main())
