"""What every file store promises, asked of each."""

import hashlib
import io
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest
import requests
from flask import Flask

from library.storage.base import (
    Download,
    FileStore,
    NoSuchFile,
    NoSuchUpload,
    StoreFailed,
    StoreFull,
    WrongParts,
    new_key,
)
from library.storage.local import LocalFileStore
from library.storage.s3 import Bucket, S3FileStore
from tests.stores import s3_store

PART = 5 << 20
TEXT = "第七张：分数除法的意义".encode()


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3FileStore]:
    with s3_store(tmp_path_factory.mktemp("s3")) as store:
        yield store


@pytest.fixture(params=["local", "s3"])
def store(request: pytest.FixtureRequest, app: Flask, tmp_path: Path) -> Iterator[FileStore]:
    """A file store; the local one is that of the application, whose pages serve its links."""
    if request.param == "s3":
        yield request.getfixturevalue("s3")
        return
    local = LocalFileStore(tmp_path / "store", "secret")
    app.extensions["library.store"] = local
    with app.test_request_context():
        yield local


@pytest.fixture
def send(store: FileStore, app: Flask) -> Callable[[str, bytes], int]:
    """A function that PUTs a part as a browser does: the status of the answer."""

    def put(address: str, part: bytes) -> int:
        if isinstance(store, S3FileStore):
            return requests.put(address, data=part, timeout=30).status_code
        return app.test_client().put(address, data=part).status_code

    return put


@pytest.fixture
def fetch(store: FileStore, app: Flask) -> Callable[..., tuple[int, bytes, str]]:
    """A function that GETs a link as a browser does: status, body, Content-Disposition."""

    def get(address: str, **headers: str) -> tuple[int, bytes, str]:
        if isinstance(store, S3FileStore):
            there = requests.get(address, headers=headers, timeout=30)
            return there.status_code, there.content, there.headers.get("Content-Disposition", "")
        with closing(app.test_client().get(address, headers=headers)) as here:
            return here.status_code, here.data, here.headers.get("Content-Disposition", "")

    return get


def _upload(
    store: FileStore, send: Callable[[str, bytes], int], whole: bytes, order: list[int] | None = None
) -> tuple[str, str]:
    key = new_key(".bin")
    upload = store.begin_upload(key, "application/octet-stream")
    parts = {number: whole[start : start + PART] for number, start in enumerate(range(0, len(whole), PART), 1)}
    for number in order or sorted(parts):
        assert send(store.part_link(key, upload, number, len(parts[number])), parts[number]) == 200
    return key, upload


def test_what_was_put_is_read_back(store: FileStore) -> None:
    key = new_key(".txt")
    store.put(key, io.BytesIO(TEXT), "text/plain")
    with store.open(key) as file:
        assert file.read() == TEXT
    assert store.size(key) == len(TEXT)
    assert key in set(store.keys())


def test_an_empty_file_is_a_file(store: FileStore) -> None:
    key = new_key()
    store.put(key, io.BytesIO(b""))
    assert store.size(key) == 0


def test_a_file_that_is_not_there_is_said_to_be_missing(store: FileStore) -> None:
    for ask in (store.open, store.size):
        with pytest.raises(NoSuchFile):
            ask(new_key())


def test_what_was_removed_is_gone_and_may_be_removed_again(store: FileStore) -> None:
    key = new_key()
    store.put(key, io.BytesIO(TEXT))
    store.remove(key)
    store.remove(key)
    with pytest.raises(NoSuchFile):
        store.size(key)


def test_a_link_gives_the_file_under_its_chinese_name(
    store: FileStore, fetch: Callable[..., tuple[int, bytes, str]]
) -> None:
    key = new_key(".pptx")
    store.put(key, io.BytesIO(TEXT))
    status, body, disposition = fetch(store.link(key, Download("分数 除法（一）.pptx", "application/octet-stream")))
    assert (status, body) == (200, TEXT)
    assert disposition.startswith("attachment")
    assert "filename*=UTF-8''%E5%88%86%E6%95%B0" in disposition


def test_a_part_of_a_file_can_be_fetched(store: FileStore, fetch: Callable[..., tuple[int, bytes, str]]) -> None:
    key = new_key(".mp4")
    store.put(key, io.BytesIO(b"0123456789"))
    link = store.link(key, Download("a.mp4", "video/mp4", inline=True))
    status, body, _ = fetch(link, Range="bytes=2-5")
    assert body == b"2345"
    assert status in (200, 206)  # rclone sends the piece that was asked for under either


def test_a_link_that_was_changed_gives_nothing(store: FileStore, fetch: Callable[..., tuple[int, bytes, str]]) -> None:
    key, other = new_key(), new_key()
    store.put(key, io.BytesIO(TEXT))
    store.put(other, io.BytesIO(b"another"))
    link = store.link(key, Download("a.txt", "text/plain"))
    changed = link.replace(key, other) if key in link else link[:-6] + "abcdef"
    assert fetch(changed)[0] in (403, 404)


def test_a_file_sent_in_parts_arrives_whole(store: FileStore, send: Callable[[str, bytes], int]) -> None:
    whole = hashlib.sha512(b"seed").digest() * ((PART * 2 + 12345) // 64)
    key, upload = _upload(store, send, whole)
    sizes = [PART, PART, len(whole) - 2 * PART]
    assert store.parts(key, upload) == dict(enumerate(sizes, 1))
    assert store.finish_upload(key, upload, sizes) in (None, hashlib.sha256(whole).hexdigest())
    with store.open(key) as file:
        assert hashlib.sha256(file.read()).digest() == hashlib.sha256(whole).digest()
    store.finish_upload(key, upload, sizes)
    assert store.size(key) == len(whole)


def test_an_upload_with_a_missing_part_is_not_finished(store: FileStore, send: Callable[[str, bytes], int]) -> None:
    key, upload = _upload(store, send, b"x" * PART)
    with pytest.raises(WrongParts):
        store.finish_upload(key, upload, [PART, 7])
    with pytest.raises(NoSuchFile):
        store.size(key)


def test_a_part_may_be_sent_twice(store: FileStore, send: Callable[[str, bytes], int]) -> None:
    whole = b"a" * PART + b"b" * 9
    key, upload = _upload(store, send, whole, order=[1, 1, 2])
    store.finish_upload(key, upload, [PART, 9])
    assert store.size(key) == len(whole)


def test_a_cancelled_upload_is_forgotten(store: FileStore, send: Callable[[str, bytes], int]) -> None:
    key, upload = _upload(store, send, b"x" * 100)
    store.cancel_upload(key, upload)
    store.cancel_upload(key, upload)
    with pytest.raises(NoSuchUpload):
        store.parts(key, upload)


def test_an_unknown_upload_has_to_begin_anew(store: FileStore) -> None:
    with pytest.raises(NoSuchUpload):
        store.parts(new_key(), "0123456789abcdef0123456789abcdef")


def test_keys_are_never_the_same() -> None:
    keys = sorted(new_key(".pdf") for _ in range(1000))
    assert all(one != other for one, other in pairwise(keys))
    assert new_key(".mp4").endswith(".mp4")
    assert "." not in new_key("./../x")
    assert "." not in new_key(".课件")


def test_a_full_disk_is_told_and_leaves_nothing_half_written(tmp_path: Path, app: Flask) -> None:
    store = LocalFileStore(tmp_path, "secret")

    class FullDisk(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise OSError(28, "No space left on device")

    key = new_key()
    with pytest.raises(StoreFull):
        store.put(key, FullDisk())
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == []


def test_a_store_that_does_not_answer_is_told(app: Flask) -> None:
    nobody = S3FileStore(Bucket("tongke", "http://127.0.0.1:1", "key", "secret"))
    with pytest.raises(StoreFailed):
        nobody.size("aa/bb")


def test_a_part_of_another_size_than_promised_is_refused(tmp_path: Path, app: Flask) -> None:
    store = LocalFileStore(tmp_path, "secret")
    key = new_key()
    upload = store.begin_upload(key, "")
    for body in (b"short", b"much longer than ten"):
        with pytest.raises(WrongParts):
            store.take_part(upload, 1, 10, io.BytesIO(body))
    assert store.parts(key, upload) == {}
