"""`python -m sim` is the command `differentia`."""

import sys

from sim.cli import main

sys.exit(main())
