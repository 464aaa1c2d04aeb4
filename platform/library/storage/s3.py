"""Files in an S3-compatible store: parts and downloads go between browser and store, not through us."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, BinaryIO, Final
from urllib.parse import quote, urlsplit

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from library.storage.base import LINK_SECONDS, Download, NoSuchFile, NoSuchUpload, StoreFailed, StoreFull, WrongParts

MISSING: Final = {"404", "NoSuchKey", "NotFound"}
PART_BYTES: Final = 8 << 20


@dataclass(frozen=True)
class Bucket:
    """A bucket and how to reach it. `public_endpoint` is its address for browsers, where that is another one.

    `in_host`: the bucket's name stands in the host (bucket.s3.example.cn), as some stores demand, not in the path.
    """

    name: str
    endpoint: str
    key: str
    secret: str
    region: str = "us-east-1"
    public_endpoint: str = ""
    in_host: bool = False


class S3FileStore:
    """A bucket. What servers do not agree on is left alone: see `library.storage.base`."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    def put(self, key: str, file: BinaryIO, media_type: str = "") -> None:
        """See FileStore."""
        more = {"ContentType": media_type} if media_type else {}
        with _told():
            self._client.upload_fileobj(file, self._bucket.name, key, ExtraArgs=more, Config=_TRANSFER)

    def open(self, key: str) -> BinaryIO:
        """See FileStore."""
        with _told():
            body: BinaryIO = self._client.get_object(Bucket=self._bucket.name, Key=key)["Body"]
        return body

    def size(self, key: str) -> int:
        """See FileStore."""
        with _told():
            return int(self._client.head_object(Bucket=self._bucket.name, Key=key)["ContentLength"])

    def remove(self, key: str) -> None:
        """See FileStore."""
        with _told():
            self._client.delete_object(Bucket=self._bucket.name, Key=key)

    def keys(self) -> Iterator[str]:
        """See FileStore."""
        with _told():
            for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket.name):
                yield from (found["Key"] for found in page.get("Contents", ()))

    def link(self, key: str, download: Download) -> str:
        """See FileStore."""
        way = "inline" if download.inline else "attachment"
        answer = {
            "ResponseContentDisposition": f"{way}; filename*=UTF-8''{quote(download.name, safe='')}",
            "ResponseContentType": download.media_type,
        }
        return self._presigned("get_object", Key=key, **answer)

    def begin_upload(self, key: str, media_type: str) -> str:
        """See FileStore."""
        more = {"ContentType": media_type} if media_type else {}
        with _told():
            return str(self._client.create_multipart_upload(Bucket=self._bucket.name, Key=key, **more)["UploadId"])

    def part_link(self, key: str, upload: str, number: int, size: int) -> str:
        """See FileStore. The size cannot be signed; it is checked when the upload is finished."""
        return self._presigned("upload_part", Key=key, UploadId=upload, PartNumber=number)

    def parts(self, key: str, upload: str) -> dict[int, int]:
        """See FileStore."""
        return {part["PartNumber"]: int(part["Size"]) for part in self._parts(key, upload)}

    def finish_upload(self, key: str, upload: str, sizes: list[int]) -> str | None:
        """See FileStore."""
        try:
            found = self._parts(key, upload)
        except NoSuchUpload:
            if self._has(key, sum(sizes)):
                return None
            raise
        if [(part["PartNumber"], int(part["Size"])) for part in found] != list(enumerate(sizes, 1)):
            raise WrongParts(upload)
        parts = [{"PartNumber": part["PartNumber"], "ETag": part["ETag"]} for part in found]
        with _told():
            self._client.complete_multipart_upload(
                Bucket=self._bucket.name, Key=key, UploadId=upload, MultipartUpload={"Parts": parts}
            )
        if not self._has(key, sum(sizes)):
            raise WrongParts(upload)
        return None

    def cancel_upload(self, key: str, upload: str) -> None:
        """See FileStore."""
        try:
            with _told():
                self._client.abort_multipart_upload(Bucket=self._bucket.name, Key=key, UploadId=upload)
        except NoSuchUpload:
            pass

    def make_bucket(self, origins: list[str]) -> bool:
        """Make the bucket if it is not there, and let pages of `origins` send parts to it.

        Whether the store let that be set (CORS); some have it set up otherwise.
        """
        with _told():
            names = {found["Name"] for found in self._client.list_buckets().get("Buckets", ())}
            if self._bucket.name not in names:
                self._client.create_bucket(Bucket=self._bucket.name)
        rule = {
            "AllowedOrigins": origins,
            "AllowedMethods": ["GET", "PUT"],
            "AllowedHeaders": ["*"],
            "ExposeHeaders": ["ETag"],
            "MaxAgeSeconds": 3600,
        }
        try:
            self._client.put_bucket_cors(Bucket=self._bucket.name, CORSConfiguration={"CORSRules": [rule]})
        except ClientError:
            return False
        return True

    @cached_property
    def origin(self) -> str:
        """See FileStore."""
        link = urlsplit(self._presigned("get_object", Key="any"))
        return f"{link.scheme}://{link.netloc}"

    @cached_property
    def _client(self) -> Any:
        return self._connected(self._bucket.endpoint)

    @cached_property
    def _signing_client(self) -> Any:
        return self._connected(self._bucket.public_endpoint or self._bucket.endpoint)

    def _connected(self, endpoint: str) -> Any:
        return boto3.client(
            "s3",
            endpoint_url=endpoint or None,
            aws_access_key_id=self._bucket.key,
            aws_secret_access_key=self._bucket.secret,
            region_name=self._bucket.region,
            config=Config(
                signature_version="s3v4",
                s3={"addressing_style": "virtual" if self._bucket.in_host else "path"},
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
                connect_timeout=5,
                read_timeout=60,
                retries={"max_attempts": 3},
            ),
        )

    def _presigned(self, what: str, **parameters: object) -> str:
        return str(
            self._signing_client.generate_presigned_url(
                what, Params={"Bucket": self._bucket.name, **parameters}, ExpiresIn=LINK_SECONDS
            )
        )

    def _parts(self, key: str, upload: str) -> list[dict[str, Any]]:
        with _told():
            pages = self._client.get_paginator("list_parts").paginate(
                Bucket=self._bucket.name, Key=key, UploadId=upload
            )
            return [part for page in pages for part in page.get("Parts", ())]

    def _has(self, key: str, size: int) -> bool:
        try:
            return self.size(key) == size
        except NoSuchFile:
            return False


_TRANSFER: Final = TransferConfig(multipart_threshold=PART_BYTES, multipart_chunksize=PART_BYTES, use_threads=False)


@contextmanager
def _told() -> Iterator[None]:
    """Failures of the store in our own words."""
    try:
        yield
    except ClientError as failure:
        code = failure.response.get("Error", {}).get("Code", "")
        if code == "NoSuchUpload":
            raise NoSuchUpload from failure
        if code in MISSING:
            raise NoSuchFile from failure
        if code in ("InsufficientStorage", "EntityTooLarge", "QuotaExceeded"):
            raise StoreFull from failure
        raise StoreFailed(str(failure)) from failure
    except BotoCoreError as failure:
        raise StoreFailed(str(failure)) from failure
