#!/bin/sh
# Runs every test; the last lines say what could not be run and why. With CI=true that must be nothing.
set -u

# What is missing then shows as tests that were not run.
scripts/packages.sh chromium fonts-noto-cjk postgresql || true
scripts/packages.sh libreoffice-writer libreoffice-impress libreoffice-calc ffmpeg || true
scripts/packages.sh janus || true
# The tests start dozens of processes of ours; each would compile everything again.
unset PYTHONDONTWRITEBYTECODE
status=0
# Beside the others, which take far longer; what they say comes at once.
scripts=$(mktemp)
(npm test --silent >"$scripts" 2>&1; ended=$?; cat "$scripts"; exit $ended) &
npm=$!
# A file is done by one process; the longest come first, as tests/conftest.py puts them.
.venv/bin/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder "$@" || status=1
wait $npm || status=1
rm "$scripts"
exit $status
