"""Where files lie: one protocol, a local folder or an S3-compatible store behind it."""

from flask import Flask, current_app

from foundation.config import Settings
from library.storage.base import FileStore

_NAME = "library.store"


def set_up(app: Flask) -> None:
    """Choose the file store of `app` by its settings: a bucket when one is named, else a folder. Opens nothing."""
    app.extensions[_NAME] = _chosen(app.config["SETTINGS"])


def the_store() -> FileStore:
    """The file store of this installation."""
    store: FileStore = current_app.extensions[_NAME]
    return store


def _chosen(settings: Settings) -> FileStore:
    if settings.storage_bucket:
        from library.storage.s3 import Bucket, S3FileStore  # only here: boto3 takes half a second to load

        return S3FileStore(
            Bucket(
                name=settings.storage_bucket,
                endpoint=settings.storage_endpoint,
                key=settings.storage_key,
                secret=settings.storage_secret,
                region=settings.storage_region,
                public_endpoint=settings.storage_public_endpoint,
                in_host=settings.storage_bucket_in_host,
            )
        )
    from library.storage.local import LocalFileStore

    return LocalFileStore(settings.data_dir / "store", settings.key())
