"""Runs another program with limits: `python -m foundation.limited SECONDS MEMORY OUTPUT PROGRAM …`, see `foundation.apart`.

It stays beside the program and ends it, with all that it started, when its own input is closed: whoever asked for it is no more.
"""

import os
import resource
import signal
import subprocess
import sys
import threading

from foundation.apart import stay_within


def main() -> int:
    """Sets the limits and runs the program; its exit code."""
    seconds, memory, output = (int(limit) for limit in sys.argv[1:4])
    stay_within(seconds, memory)
    resource.setrlimit(resource.RLIMIT_FSIZE, (output, output))
    os.nice(10)
    program = subprocess.Popen(sys.argv[4:], stdin=subprocess.DEVNULL)  # noqa: S603  told by us what to do
    threading.Thread(target=_end_with_input, daemon=True).start()
    return abs(program.wait())


def _end_with_input() -> None:
    while os.read(0, 1):
        pass
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
