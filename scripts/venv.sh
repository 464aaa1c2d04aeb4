#!/bin/sh
# Makes the virtual environment .venv with $PYTHON. Debian keeps a part of Python that this needs in a package of its own.
set -eu
PYTHON=${PYTHON:-python3}

if ! command -v "$PYTHON" >/dev/null; then
    echo "Python is missing. Install Python 3.11 or later, or name it: make PYTHON=/path/to/python3" >&2
    exit 1
fi
if ! "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "$("$PYTHON" --version) is too old: Python 3.11 or later is needed. Name another one: make PYTHON=/path/to/python3" >&2
    exit 1
fi
if ! "$PYTHON" -c 'import ensurepip' 2>/dev/null; then
    scripts/packages.sh python3-venv || true
fi
if ! "$PYTHON" -c 'import ensurepip' 2>/dev/null; then
    echo "Python's venv module is incomplete. On Debian or Ubuntu: sudo apt install python3-venv" >&2
    exit 1
fi
"$PYTHON" -m venv .venv
