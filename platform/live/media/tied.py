"""Becomes another program that ends when we do, however suddenly: `python -m live.media.tied OUR_PROCESS PROGRAM …`."""

import ctypes
import os
import signal
import sys

_END_WITH_PARENT = 1  # PR_SET_PDEATHSIG of Linux


def main() -> None:
    """Ties this process to the one that started it and becomes the program."""
    tie = getattr(ctypes.CDLL(None), "prctl", None)
    if tie is not None:
        tie(_END_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != int(sys.argv[1]):  # it died while we started
        sys.exit(1)
    os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606  a program of the system, told by us what to do


if __name__ == "__main__":
    main()
