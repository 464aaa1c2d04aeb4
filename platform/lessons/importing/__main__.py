"""The process that reads one file: bytes from standard input, JSON to standard output.

Arguments: the ending of the file's name, the seconds and the bytes of memory it may use.
"""

import sys

from foundation.apart import stay_within
from lessons.importing.files import answer_for


def main() -> None:
    """Sets the limits and reads."""
    ending, seconds, memory = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    stay_within(seconds, memory)
    sys.stdout.write(answer_for(f"file{ending}", sys.stdin.buffer.read()))


if __name__ == "__main__":
    main()
