"""Becomes another program, with limits: `python -m foundation.limited SECONDS MEMORY OUTPUT PROGRAM …`, see `foundation.apart`."""

import os
import resource
import sys

from foundation.apart import stay_within


def main() -> None:
    """Sets the limits and becomes the program."""
    seconds, memory, output = (int(limit) for limit in sys.argv[1:4])
    stay_within(seconds, memory)
    resource.setrlimit(resource.RLIMIT_FSIZE, (output, output))
    os.nice(10)
    os.execvp(sys.argv[4], sys.argv[4:])  # noqa: S606  a program of the system, told by us what to do


if __name__ == "__main__":
    main()
