"""Programs that run apart end when they should, with all that they started."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from foundation.apart import Broke, Limits, TookTooLong, run_apart

LIMITS = Limits(seconds=60, memory=1 << 30, output=1 << 20)
LEAVES_ONE_BEHIND = ["sh", "-c", "sleep 300 & echo $! > began; mv began number; wait"]


def _started_in(folder: Path) -> int:
    """The number of the process that the program has started."""
    for _ in range(400):
        if (folder / "number").exists():
            return int((folder / "number").read_text())
        time.sleep(0.05)
    raise TimeoutError


def _is_gone(number: int) -> bool:
    for _ in range(100):
        try:
            os.kill(number, 0)
        except ProcessLookupError:
            return True
        if Path(f"/proc/{number}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
            return True  # ended; whoever has to hear of it has not asked yet
        time.sleep(0.05)
    return False


def test_what_a_program_prints_is_given_back(tmp_path: Path) -> None:
    assert run_apart(["echo", "好"], tmp_path, LIMITS).decode() == "好\n"


def test_what_a_program_complains_of_is_told(tmp_path: Path) -> None:
    with pytest.raises(Broke, match="not so"):
        run_apart(["sh", "-c", "echo not so >&2; exit 3"], tmp_path, LIMITS)


def test_a_program_that_takes_too_long_ends_with_what_it_started(tmp_path: Path) -> None:
    with pytest.raises(TookTooLong):
        run_apart(LEAVES_ONE_BEHIND, tmp_path, Limits(seconds=3, memory=LIMITS.memory, output=LIMITS.output))
    assert _is_gone(_started_in(tmp_path))


def test_a_program_ends_with_whoever_asked_for_it_also_when_that_is_killed(tmp_path: Path) -> None:
    asking = (
        "import sys; from pathlib import Path; from foundation.apart import Limits, run_apart\n"
        f"run_apart({LEAVES_ONE_BEHIND!r}, Path(sys.argv[1]), Limits(60, 1 << 30, 1 << 20))"
    )
    platform = Path(__file__).parents[2] / "platform"
    environment = {**os.environ, "PYTHONPATH": str(platform)}
    with subprocess.Popen([sys.executable, "-c", asking, str(tmp_path)], env=environment) as asker:
        number = _started_in(tmp_path)
        asker.send_signal(signal.SIGKILL)
    assert _is_gone(number)
