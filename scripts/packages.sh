#!/bin/sh
# Installs those Debian packages named on the command line that are missing. Fails, in a sentence, when it cannot.
set -eu

missing=
for package in "$@"; do
    dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" != 0 ]; then
    as_root="sudo --non-interactive"
fi
if ! command -v apt-get >/dev/null || { [ -n "$as_root" ] && ! $as_root true 2>/dev/null; }; then
    echo "Not installed, and cannot be installed from here:$missing" >&2
    exit 1
fi
echo "Installing$missing"
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086  # a list of names
install() { $as_root apt-get install --yes --quiet=2 --no-install-recommends $missing >/dev/null; }
install 2>/dev/null || { $as_root apt-get update --quiet=2 && install; } || {
    echo "Could not be installed:$missing" >&2
    exit 1
}
