"""Sign errors planted in the compiled market, one at a time: does the plain market find every one of them?

    NUMBA_DISABLE_JIT=1 python planted_errors.py rules kernels

Nobody lists the errors: every plus and minus, in every function of the packages named that the play calls, is turned
in its turn, and every rule is made to return the negative of what it should. Rules are compiled into the loops that
call them, so the market is played here without a compiler: then a rule is an ordinary function, and a wrong one can
stand in its place wherever it was imported. Prints one JSON object: for each error the month in which the two markets
first disagreed and about what, "loud" with the exception that it raised, or null if nobody noticed.
"""

import __future__

import ast
import inspect
import json
import signal
import sys
import textwrap
import types
import warnings
from dataclasses import dataclass
from functools import cache, partial

from plain_cases import LIVELY, SOBER, world
from plain_comparison import disagreements, house_after, plain_after
from plain_market import PlainMarket

import sim
from sim.science.rules.numeric import log32
from sim.science.rules.philox import uniform_at

CUSTOMERS, MONTHS = 40, 14
PATIENCE = 3.0  # s of processor time for one error; a loop that runs backwards does not end
RESULTS_TURNED, LOUD = "rules", "loud"
BITS = ("philox", "numeric", "window")  # how numbers are drawn and stored: no economics, and tests of their own
TURNED = {ast.Add: ast.Sub, ast.Sub: ast.Add}
# Not to be seen in these worlds, or no error at all: words of the line, and why.
SPARED = {
    "other_income": "earned by other mechanisms only",
    "traceback": "says where a rule failed",
    "copysign(-most": "the sign of the size does not count",
    "market.board.cue": "read by evidence only",
    **dict.fromkeys(
        (
            "identity[last] - identity[0]", "alone = start + count", "identity[MANY - 1]", "identity[i] >> EIGHT == group",
            "u4(identity[0] + u4(i))", "start : start + GROUP",
        ),
        "draws more or fewer customers at once, with the same numbers, or for more than these worlds have; see test_draws",
    ),
    "len(self.cumulative) - 1": "a uniform number is never 1, so that the last person is within reach",
}


class Turn(ast.NodeTransformer):
    """Turns the sign at one place of a function, counted from 0; line : where it stood, None if it is not there."""

    def __init__(self, place):
        self.left, self.line = place, None

    def _here(self, node):
        self.left -= 1
        if self.left == -1:
            self.line = node.lineno
        return self.left == -1

    def visit_BinOp(self, node):
        self.generic_visit(node)
        if type(node.op) in TURNED and self._here(node):
            node.op = TURNED[type(node.op)]()
        return node

    visit_AugAssign = visit_BinOp

    def visit_UnaryOp(self, node):
        self.generic_visit(node)
        return node.operand if isinstance(node.op, ast.USub) and self._here(node) else node


@dataclass
class Suspect:
    """A function that is called: what it is, where it stands, whether a market is built with it, in which worlds."""

    function: types.FunctionType
    places: list
    builds: bool
    worlds: list

    @property
    def name(self):
        """Name with its module's."""
        return f"{self.function.__module__.rsplit('.', 1)[-1]}.{self.function.__qualname__}"

    def wrong(self):
        """Every wrong version of the function, with the words of the line that is wrong in it."""
        source, place = textwrap.dedent(inspect.getsource(self.function)), 0
        while True:
            turn = Turn(place)
            tree = turn.visit(ast.parse(source))
            if turn.line is None:
                break
            tree.body[0].decorator_list = []
            code = compile(
                ast.fix_missing_locations(tree), "planted", "exec", flags=__future__.annotations.compiler_flag
            )
            found = {}
            exec(code, self.function.__globals__, found)
            yield source.splitlines()[turn.line - 1].strip(), found[self.function.__name__]
            place += 1
        if RESULTS_TURNED in self.function.__module__.split("."):
            yield "return", negative(self.function)


def negative(rule):
    """A rule that returns the negative of what it should."""

    def wrong(*values):
        result = rule(*values)
        return tuple(-part for part in result) if isinstance(result, tuple) else -result

    return wrong


def called(packages, play):
    """Code of the functions of some packages that are called while something is played."""
    seen = set()

    def note(frame, event, _):
        path = frame.f_globals.get("__name__", "").split(".")
        if event == "call" and path[0] == sim.__name__ and set(path) & set(packages) and path[-1] not in BITS:
            seen.add(frame.f_code)

    sys.setprofile(note)
    play()
    sys.setprofile(None)
    return seen


def suspects(packages, scenarios):
    """The functions of some packages that building and playing these scenarios calls, in the order of their names."""
    building = called(packages, lambda: [sim.Market(scenario) for scenario in scenarios])
    playing = [called(packages, partial(sim.Market(scenario).run_for, MONTHS)) for scenario in scenarios]
    found = {}
    modules = [module for name, module in sys.modules.items() if name.split(".")[0] == sim.__name__]
    classes = [value for module in modules for value in vars(module).values() if isinstance(value, type)]
    for owner in {id(owner): owner for owner in [*modules, *classes]}.values():
        for name, value in list(vars(owner).items()):
            code = getattr(value, "__code__", None)
            worlds = [number for number, codes in enumerate(playing) if code in codes | building]
            if worlds and code.co_filename != "<string>":
                found.setdefault(code, Suspect(value, [], code in building, worlds)).places.append((owner, name))
    return sorted(found.values(), key=lambda suspect: suspect.name)


class Trial:
    """A scenario, what the plain market says of it, and a compiled market that can be set back to its beginning."""

    def __init__(self, scenario):
        self.scenario, plain, self.expected = scenario, PlainMarket(scenario), []
        self.renew()
        for _ in range(MONTHS):
            plain.step()
            self.expected.append(plain_after(plain))

    def renew(self):
        """Build the market again: Mesa plays no market on that has raised an error."""
        self.market = sim.Market(self.scenario)
        self.begun = self.market.snapshot()

    def disagreement(self, anew=False):
        """Month and names of what the compiled market says otherwise, or None; anew : build one for this."""
        market = sim.Market(self.scenario) if anew else self.market
        if not anew:
            market.restore(self.begun)
        for month, plain in enumerate(self.expected):
            market.step()
            if names := disagreements(house_after(market), plain):
                return [month, *names]
        return None


def give_up(*_):
    """What happens when patience is over."""
    raise TimeoutError


def remember_draws():
    """Let every addressed number, and its logarithm, be worked out once: the same months are played over and over."""
    for function in (uniform_at, log32):
        once = cache(function)
        for name, module in list(sys.modules.items()):
            if name.split(".")[0] == sim.__name__ and getattr(module, function.__name__, None) is function:
                setattr(module, function.__name__, once)


def verdict(suspect, wrong, trials):
    """What the plain market says of a wrong function, in the first world in which it says anything."""
    for owner, name in suspect.places:
        setattr(owner, name, wrong)
    signal.setitimer(signal.ITIMER_VIRTUAL, PATIENCE)
    try:
        return next(filter(None, (trials[number].disagreement(suspect.builds) for number in suspect.worlds)), None)
    except Exception as error:  # an error that raises is noticed without the plain market
        return [LOUD, type(error).__name__]
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        for owner, name in suspect.places:
            setattr(owner, name, suspect.function)


def hunt(packages):
    """Verdict on every error, by function, number and line; on nothing, too."""
    remember_draws()
    signal.signal(signal.SIGVTALRM, give_up)
    scenarios = [world(*words, customers=CUSTOMERS, months=MONTHS) for words in (LIVELY, SOBER)]
    trials = [Trial(scenario) for scenario in scenarios]
    found = {"nothing": [trial.disagreement() for trial in trials]}
    for suspect in suspects(packages, scenarios):
        for number, (line, wrong) in enumerate(suspect.wrong()):
            if not any(words in line for words in SPARED):
                said = found[f"{suspect.name} {number}: {line}"] = verdict(suspect, wrong, trials)
                if said and said[0] == LOUD:
                    for trial in trials:
                        trial.renew()
    found["nothing any more"] = [trial.disagreement() for trial in trials]
    return found


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # without a compiler, unsigned numbers that wrap around warn
    print(json.dumps(hunt(sys.argv[1:])))
