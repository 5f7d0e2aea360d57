"""What `differentia --help` prints, and what it prints of a command for many runs."""

from __future__ import annotations

HELP = """\
Differentia plays competitive service markets: firms with strategies, customers who choose.

Usage
  differentia                            play the scenario `intercity` and write a report
  differentia seed=7 periods=24          other values; anything can be set as name=value
  differentia describe [WORD ...]        columns, parameters, units, sources; a word, such as design, narrows it
  differentia describe mechanism         every mechanism: what it does, source, neutral value, cost
  differentia plan [name=value ...]      what happens in a period, in order, and the steps it is played as
  differentia profile [name=value ...]   how fast it plays, and which mechanisms take the time
  differentia warm [name=value ...]      compile once, for images and classes; says where code is kept
  differentia fit                        fit the travellers' tastes again and print them

Many runs
  differentia sweep a=1,2 'b=range(1,4)' every combination with every seed, kept in a store
  differentia compare a=1 a=2            two scenarios, same draws: verdict, who moved from whom
  differentia compare FOLDER a=1 a=2     the same of two points of what a sweep has played
  differentia explain --with "" --with "a=1 b=2"   how much of their difference a brings, and how much b
  differentia analyse FOLDER             what a study says: sensitivity, boxes, regret
  differentia --multirun periods=24,60   a run of its own for each value, with a page of its own

Values you may want to set
  scenario=intercity | telecom | two_leaders   the market to play
  seed=1 replications=10                 first seed; how many seeds stand behind the intervals
  periods=60                             months
  population.customers=20000             customers
  threads=auto                           cores used: what is there, or threads that share the customers
  mechanism=all | [] | [contexts,signature]    which rules of the market are on
  mechanism.imitation.lag=6              a rule's own value
  firms.thrift.strategy=distinctiveness  another strategy for a firm
  firms.thrift.pricing=undercut          another way to set fares
  firms.grandcoach.markup=0.1            a value of a firm, its strategy or its pricing rule
  ~firms.thrift                          leave a firm out
  records=monthly | yearly | panel       how often it is written down; panel: a sample, too
  experiment=price_war | opening | ...   an experiment's own values, a file of configs/experiment

Options
  --config-dir DIR         a folder with configuration files of your own, searched first
  --cfg                    print the configuration and stop
  --allow-foreign-code     let a configuration name classes outside this package; they run code
  --quiet, -q              print nothing but errors and the folder of the results
  --no-report              write the tables only, no page
  --multirun, -m           see above
  --debug                  where a mistake or a fault was met, line by line; of every command
  --help, -h  --version

More of sweep, compare, explain and analyse: differentia sweep --help, and so on.

Results go to results/<scenario>/<time>/ under the current folder: report.html, records.parquet,
market.parquet, features.parquet, spending.parquet, tables of mechanisms; the same of all seeds as
replications*.parquet; entry.csv, tenders.csv, dealers.csv where the page tells of them;
config.yaml, manifest.json. A study has study.html, study.csv, study.json and chunks/.
Exit codes: 0 done, 1 a fault of this program, 2 a mistake in the words, 3 some runs failed,
130 stopped by Ctrl-C.
"""

_QUIET = """\
  --quiet, -q              print nothing but errors and where the results are
"""
_COMMON = f"""\
  --config-dir DIR         a folder with configuration files of your own, searched first
  --allow-foreign-code     let a configuration name classes outside this package; they run code
{_QUIET}"""
_PLAYED = """\
  replications=10 seed=1                 so many seeds for each, counted from this one: the same for all
  population.customers=2000 periods=24   a smaller world, to try it out
  engine=processes engine.workers=2      processes of this computer, one a core unless said;
                                         or serial, dask, ray, slurm
"""
_PRECISE = """\
  precision.metric=share precision.half_width=0.005
                                         add seeds until differences are known to +-0.005
"""
_KEPT = """\
  --folder DIR             keep the runs there; by default in a new folder results/<scenario>/<time>
  --resume                 go on with what was stopped: play what is missing in --folder
"""
_ARMS = """\
  --with "WORDS"           an arm with these words, once for each arm; "" is an arm as it stands
  --report-folder DIR      write the pages there; by default where the runs are
"""
_SWEEP = f"""\
Usage: differentia sweep name=value ... [options]

Plays every combination of values with every seed and keeps what happened. A name with one value is the
same in all runs. A name with several is a factor:

  firms.thrift.markup=0.1,0.3                these values
  'mechanism.imitation.lag=range(0,13,3)'    0, 3, 6, 9, 12; quotes keep the shell away from brackets
  'firms.thrift.markup=interval(0.1,0.4)'    anything between, for designs that sample
  firms.thrift.strategy=price,flexibility    strategies, pricing rules, scenarios by name
  experiment=where                           the factors of an experiment; needs=alike,apart takes two
                                             values of one of them

How it is played
{_PLAYED}{_PRECISE}\
  design=latin_hypercube design.samples=64
                                         draw points; or random, sobol, morris; all combinations unless said
  'metrics=[share,profit]'               what the table and the page show
  'tables=[firms,market,spending]'       what is kept of every run

Options
  --dry-run                say how many runs, how long and how much disk, and stop
{_KEPT}\
  --fail-fast              stop at the first run that fails
  --retry-failed           with --resume: play again what failed
  --no-report              write no page
{_COMMON}
The folder then holds study.html, study.csv, study.json and chunks/. Go on with differentia analyse FOLDER,
differentia compare FOLDER, or sim.Study("FOLDER") in Python. Ctrl-C loses nothing that was finished.
"""
_COMPARE = f"""\
Usage: differentia compare name=one name=other [name=value ...] [options]
       differentia compare --with "WORDS" --with "WORDS" [name=value ...] [options]
       differentia compare FOLDER name=one name=other
       differentia compare FOLDER FOLDER

Plays scenarios with the same draws and says how they differ, how sure that is, and who moved from whom.
A name that is given several times makes the arms A, B, ...; B and all further ones are held against A.
Other names hold for all arms. With a folder, points of a study that was played are compared.

  differentia compare firms.thrift.markup=0.1 firms.thrift.markup=0.3
  differentia compare --with "" --with "~mechanism.imitation firms.thrift.pricing=undercut"
  differentia compare results/intercity/... firms.thrift.markup=0.1 firms.thrift.markup=0.3

How it is played
{_PLAYED}{_PRECISE}\
  'metrics=[share,profit]'               what is compared
  moves=2000                             customers that are followed from arm to arm; 0 for none

Options
{_ARMS}{_KEPT}{_COMMON}
Writes compare.html, compare.md, compare.csv and moves.csv.
"""
_EXPLAIN = f"""\
Usage: differentia explain --with "WORDS" --with "WORDS" [name=value ...] [options]
       differentia explain name=one name=other [name=value ...] [options]

Says how much of the difference between two scenarios comes from each thing in which they differ, a value
or a mechanism: Shapley values, which add up to the whole difference. It plays what lies between the two:
with n things that differ 2^n combinations, from 11 things on a sample of them.

  differentia explain --with "" --with "~mechanism.imitation firms.thrift.pricing=undercut"

How it is played
{_PLAYED}
Options
  --metric M               what to explain, a column of the firms' records; the profit unless said
  --firm F                 whose; by default the firm in which the two scenarios differ most
{_ARMS}{_KEPT}{_COMMON}
Writes explain.html, explain.md and explain.csv.
"""
_ANALYSE = f"""\
Usage: differentia analyse FOLDER [options]

Says what a study that was swept tells, without playing anything. What can be said depends on its design:

  design=sobol or morris         how sensitive the outcome is to each factor, with intervals
  other designs, 20 points on    which factors matter, and within which limits a firm leads
  a factor firms.<firm>.strategy beside others   which strategy is least regretted

Options
  --metric M               what to look at, a column of the firms' records; the profit unless said
  --firm F                 whose; by default the firm whose strategy moves, or the one with the highest mean
  --report-folder DIR      write the pages there; by default into FOLDER
  --allow-foreign-code     let a configuration name classes outside this package; they run code
{_QUIET}
Writes analysis.html and each table as CSV. differentia describe lists the columns.
"""
OF = {"sweep": _SWEEP, "compare": _COMPARE, "explain": _EXPLAIN, "analyse": _ANALYSE}
