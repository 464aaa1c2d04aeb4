"""课前包: the files of a collection as one zip that opens in any classroom, also from a USB stick and without a network."""

import shutil
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, Final
from urllib.parse import quote
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from flask import render_template
from flask_babel import get_locale, gettext
from sqlalchemy import select

from foundation.clock import SCHOOL_ZONE, now
from foundation.database import commit, db, reading
from foundation.errors import NotFound, Refusal
from foundation.jobs import Job, JobState, Tell, folder_of, job, new_job
from library import access
from library.collecting import queries
from library.models import Collection
from library.queries import Row
from library.storage import the_store
from library.storage.base import NoSuchFile
from library.terms import KINDS, LICENCES
from schools import audit
from schools.access import standing_of
from schools.models import Person, Visibility

KIND: Final = "resource_pack"
MOST_BYTES: Final = 4 << 30
"""What a FAT-formatted USB stick still takes as one file."""
_NAME_LENGTH: Final = 80
_CHUNK: Final = 1 << 20
_STYLES: Final = Path(__file__).parents[1] / "templates/library/pack.css"


@dataclass(frozen=True)
class Packed:
    """A file of the pack, with what its page says of it."""

    title: str
    path: str
    key: str
    size: int
    kind: str
    licence: str
    source: str
    owner: str
    campus: str
    note: str

    @property
    def address(self) -> str:
        """Its address as seen from the page."""
        return quote(self.path)


def ask_for_pack(person: Person, collection: Collection) -> Job:
    """Have the files of the collection packed, as far as the person may read them. Raises NotFound."""
    if not access.may_read_collection(standing_of(person), collection):
        raise NotFound
    asked = new_job(KIND, person.id, str(get_locale()), collection=collection.code)
    personal = collection.visibility is Visibility.PERSONAL
    audit.record(
        person,
        "pack_made",
        "collection",
        collection,
        name="" if personal else collection.title,
        campus_id=collection.campus_id,
        group_id=collection.group_id,
    )
    commit()
    return asked


def pack_of(person: Person, code: str) -> Job:
    """A pack that the person asked for and that is ready. Raises NotFound."""
    ready = select(Job).where(Job.code == code, Job.person_id == person.id, Job.kind == KIND)
    asked = db.session.scalar(ready.where(Job.state == JobState.DONE))
    if asked is None or not file_of(asked).is_file():
        raise NotFound
    return asked


def file_of(asked: Job) -> Path:
    """The zip that the job has made."""
    return folder_of(asked) / "pack.zip"


@job(KIND)
def pack(asked: Job, tell: Tell) -> dict[str, Any]:
    """Write the zip; rights are those of the moment."""
    code, file, person_id = asked.asked["collection"], file_of(asked), asked.person_id
    db.session.rollback()
    with reading():
        person = db.session.get_one(Person, person_id)
        collection = access.collection_for_reading(person, code)
        rows = queries.resources_in(standing_of(person), collection)
        left_out = queries.left_out(collection, rows)
        title, note = collection.title, collection.note
        files = [_packed(number, row) for number, row in enumerate(rows, start=1) if row.newest]
        db.session.rollback()
    if sum(each.size for each in files) > MOST_BYTES:
        raise Refusal(gettext("这些文件加起来超过 4 GB，放不进一个包。请把合集分成几个。"))
    with ZipFile(file, "w", ZIP_STORED) as archive:
        missing = _write_files(archive, files, tell)
        there = [each for each in files if each not in missing]
        page = render_template(
            "library/pack_index.html",
            title=title,
            note=note,
            files=there,
            missing=missing,
            left_out=left_out,
            made_at=now().astimezone(SCHOOL_ZONE),
            language="zh-CN" if str(get_locale()).startswith("zh") else "en",
        )
        archive.writestr("index.html", page)
        archive.writestr("pack.css", _STYLES.read_bytes())
    return {"title": title, "count": len(there), "left_out": left_out + len(missing), "size": file.stat().st_size}


def _packed(number: int, row: Row) -> Packed:
    resource, version = row.resource, row.newest
    if version is None:
        raise ValueError("a resource without a file cannot be packed")
    return Packed(
        title=resource.title,
        path=f"files/{number:02} {file_name(version.name)}",
        key=version.key,
        size=version.size,
        kind=str(KINDS[resource.kind]),
        licence=str(LICENCES[resource.licence]),
        source=resource.source,
        owner=resource.owner.name,
        campus=resource.campus.short_name,
        note=resource.note,
    )


def _write_files(archive: ZipFile, files: list[Packed], tell: Tell) -> list[Packed]:
    """Write them one after the other; those that the store does not have (any more)."""
    missing = []
    for done, each in enumerate(files):
        tell(done, len(files), gettext("正在放入《%(title)s》……", title=each.title))
        entry = ZipInfo(each.path, now().astimezone(SCHOOL_ZONE).timetuple()[:6])
        try:
            with the_store().open(each.key) as source, archive.open(entry, "w", force_zip64=True) as target:
                shutil.copyfileobj(source, target, _CHUNK)
        except NoSuchFile:
            missing.append(each)
    return missing


def file_name(name: str) -> str:
    """A name that every system can keep, its ending with it."""
    plain = "".join("_" if letter in '\\/:*?"<>|' or not letter.isprintable() else letter for letter in name)
    ending = PurePath(plain).suffix[:10]
    return plain.removesuffix(ending)[:_NAME_LENGTH].strip(" .") + ending
