"""A real S3 server for tests: `rclone serve s3` over a folder, on a free port of this machine."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from library.storage.s3 import Bucket, S3FileStore

KEY, SECRET = "key-of-tests", "secret-of-tests"


def rclone() -> Path:
    """The program, installed with the development requirements."""
    return Path(sys.executable).with_name("rclone")


def free_port() -> int:
    """A port that nobody listens at now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving_s3(folder: Path, port: int) -> Iterator[str]:
    """The address of an S3 server that keeps its buckets in `folder`."""
    address = f"127.0.0.1:{port}"
    server = subprocess.Popen(
        [rclone(), "serve", "s3", "--addr", address, "--auth-key", f"{KEY},{SECRET}", "--allow-origin", "*", folder],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port, server)
        yield f"http://{address}"
    finally:
        server.terminate()
        server.wait(10)


@contextmanager
def s3_store(folder: Path) -> Iterator[S3FileStore]:
    """A store in a bucket of its own on such a server."""
    folder.mkdir(parents=True, exist_ok=True)
    with serving_s3(folder, free_port()) as endpoint:
        store = S3FileStore(Bucket("tongke", endpoint, KEY, SECRET))
        store.make_bucket(["*"])
        yield store


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        if server.poll() is not None:
            raise RuntimeError("rclone ended at once")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("rclone does not listen")
