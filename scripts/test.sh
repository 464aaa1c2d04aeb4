#!/bin/sh
# Runs every test; the last lines say what could not be run and why. With CI=true that must be nothing.
set -u

# What is missing then shows as tests that were not run.
scripts/packages.sh chromium fonts-noto-cjk postgresql || true
scripts/packages.sh libreoffice-writer libreoffice-impress libreoffice-calc ffmpeg || true
scripts/packages.sh janus || true
status=0
npm test --silent || status=1
# A file is done by one process; the longest come first, as tests/conftest.py puts them.
.venv/bin/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder "$@" || status=1
exit $status
