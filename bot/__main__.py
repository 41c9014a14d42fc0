"""`python -m bot` is the `pilotbot` command."""

import sys

from bot.cli import main

sys.exit(main())
