"""`python -m sim` is the command `differentia`."""

import sys

from sim.desk.cli import main

sys.exit(main())
