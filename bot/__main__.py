"""`pilotbot`, and `python -m bot`."""

import signal
import sys


def main() -> int:
    """As `bot.cli.main`; Ctrl+C while that is being imported, which takes a second, just ends the process."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from bot import cli

    signal.signal(signal.SIGINT, signal.default_int_handler)
    return cli.main()


if __name__ == "__main__":
    sys.exit(main())
