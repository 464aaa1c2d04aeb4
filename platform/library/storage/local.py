"""Files in a folder of this machine: the default.

A part is written beside the others, synced and then given its name, so that a part is there whole or not at all; so is a file. The
addresses of parts and files lead to this application (see `library.views`) and are signed.
"""

import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import Any, BinaryIO, Final

from flask import url_for
from itsdangerous import BadSignature, URLSafeTimedSerializer

from foundation.disk import sync_folder
from library.storage.base import LINK_SECONDS, Download, NoSuchFile, NoSuchUpload, StoreFailed, StoreFull, WrongParts

CHUNK: Final = 1 << 20


class LocalFileStore:
    """A folder of this machine; `secret` signs the addresses that lead to its files."""

    origin = ""

    def __init__(self, folder: Path, secret: str) -> None:
        self._files = folder / "files"
        self._uploads = folder / "uploads"
        self._signer_of_files = URLSafeTimedSerializer(secret, salt="library.storage.files")
        self._signer_of_parts = URLSafeTimedSerializer(secret, salt="library.storage.parts")

    def put(self, key: str, file: BinaryIO, media_type: str = "") -> None:
        """See FileStore."""
        with _told(), self._new(self._files / key) as target:
            shutil.copyfileobj(file, target, CHUNK)

    def open(self, key: str) -> BinaryIO:
        """See FileStore."""
        try:
            return (self._files / key).open("rb")
        except FileNotFoundError:
            raise NoSuchFile(key) from None

    def path(self, key: str) -> Path:
        """Where the file lies. Raises NoSuchFile."""
        file = self._files / key
        if not file.is_file():
            raise NoSuchFile(key)
        return file

    def size(self, key: str) -> int:
        """See FileStore."""
        return self.path(key).stat().st_size

    def remove(self, key: str) -> None:
        """See FileStore."""
        (self._files / key).unlink(missing_ok=True)

    def keys(self) -> Iterator[str]:
        """See FileStore."""
        for file in self._files.glob("*/*"):
            if not file.name.endswith(".draft"):
                yield f"{file.parent.name}/{file.name}"

    def link(self, key: str, download: Download) -> str:
        """See FileStore."""
        token = self._signer_of_files.dumps([key, download.name, download.media_type, download.inline])
        return url_for("library.send_file", token=token)

    def linked(self, token: str) -> tuple[str, Download]:
        """The key and the download that `link` put into an address. Raises NoSuchFile when it is too old or not ours."""
        key, name, media_type, inline = _signed(self._signer_of_files, token, NoSuchFile)
        return key, Download(name, media_type, inline)

    def begin_upload(self, key: str, media_type: str) -> str:
        """See FileStore."""
        upload = token_hex(16)
        with _told():
            (self._uploads / upload).mkdir(parents=True, mode=0o700)
        return upload

    def part_link(self, key: str, upload: str, number: int, size: int) -> str:
        """See FileStore."""
        return url_for("library.take_part", token=self._signer_of_parts.dumps([upload, number, size]))

    def part_linked(self, token: str) -> tuple[str, int, int]:
        """The upload, number and size that `part_link` put into an address. Raises NoSuchUpload."""
        upload, number, size = _signed(self._signer_of_parts, token, NoSuchUpload)
        return upload, number, size

    def take_part(self, upload: str, number: int, size: int, body: BinaryIO) -> None:
        """Keep part `number`, which must be of `size` bytes. Raises WrongParts and NoSuchUpload."""
        with self.new_part(upload, number) as target:
            left = size
            while left and (chunk := body.read(min(CHUNK, left))):
                target.write(chunk)
                left -= len(chunk)
            if left or body.read(1):
                raise WrongParts(number)

    @contextmanager
    def new_part(self, upload: str, number: int) -> Iterator[BinaryIO]:
        """A file for part `number`, which is kept when all went well. Raises NoSuchUpload."""
        folder = self._upload(upload)
        with _told(), self._new(folder / str(number)) as target:
            yield target

    def parts(self, key: str, upload: str) -> dict[int, int]:
        """See FileStore."""
        return {int(file.name): file.stat().st_size for file in self._upload(upload).iterdir() if file.name.isdecimal()}

    def finish_upload(self, key: str, upload: str, sizes: list[int]) -> str | None:
        """See FileStore."""
        if (self._files / key).is_file():
            return None
        folder = self._upload(upload)
        if self.parts(key, upload) != dict(enumerate(sizes, 1)):
            raise WrongParts(upload)
        digest = hashlib.sha256()
        with _told(), self._new(self._files / key) as target:
            for number in range(1, len(sizes) + 1):
                with (folder / str(number)).open("rb") as part:
                    while chunk := part.read(CHUNK):
                        digest.update(chunk)
                        target.write(chunk)
        shutil.rmtree(folder, ignore_errors=True)
        return digest.hexdigest()

    def cancel_upload(self, key: str, upload: str) -> None:
        """See FileStore."""
        shutil.rmtree(self._uploads / upload, ignore_errors=True)

    def _upload(self, upload: str) -> Path:
        folder = self._uploads / upload
        if not upload or not folder.is_dir():
            raise NoSuchUpload(upload)
        return folder

    @contextmanager
    def _new(self, file: Path) -> Iterator[BinaryIO]:
        """A file to be written: synced and given its name when all went well, gone when not."""
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = file.with_name(f"{file.name}.{token_hex(4)}.draft")
        try:
            with draft.open("xb") as target:
                yield target
                target.flush()
                os.fsync(target.fileno())
            os.replace(draft, file)
            sync_folder(file.parent)
        finally:
            draft.unlink(missing_ok=True)


def _signed(signer: URLSafeTimedSerializer, token: str, refusal: type[Exception]) -> Any:
    try:
        return signer.loads(token, max_age=LINK_SECONDS)
    except BadSignature:
        raise refusal(token) from None


@contextmanager
def _told() -> Iterator[None]:
    """Failures of the disk in the store's own words."""
    try:
        yield
    except OSError as failure:
        if failure.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StoreFull from failure
        raise StoreFailed(str(failure)) from failure
