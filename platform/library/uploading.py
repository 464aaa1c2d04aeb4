"""Files on their way in. Each function is one unit of work and commits it; the acting person comes first.

The parts go from the browser straight to the file store, to addresses that are signed here. The store is never asked while a
transaction is open: it may be slow, and SQLite has one writer at a time.
"""

import hashlib
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from flask_babel import format_decimal, get_locale, gettext
from sqlalchemy import and_, or_, select, update

from foundation.clock import now, today
from foundation.codes import new_code
from foundation.database import announce, commit, db
from foundation.errors import Conflict, Invalid, NotAllowed, NotFound, Refusal
from foundation.jobs import Job, Tell, job, new_job
from library import access
from library.actions import delete_resource
from library.arriving import Place, keep_version, receiver_of
from library.guessing import guess, stage_of, subjects_meant, topic_for
from library.kinds import ending_of, is_welcome, media_type_of
from library.models import Resource, ResourceKind, ResourceVersion, Upload, UploadState
from library.storage import the_store
from library.storage.base import NoSuchFile, NoSuchUpload, StoreFailed, StoreFull, WrongParts, new_key
from library.usage import MEGABYTE, has_room
from schools.access import Standing, standing_of
from schools.limits import limits_of
from schools.models import Group, Person, Visibility
from schools.queries import places_of
from timetable.queries import term_on

log = logging.getLogger(__name__)

PART_BYTES: Final = 8 * MEGABYTE
"""S3 takes no parts below 5 MiB but the last; ten thousand of these are 80 GiB."""
CHECKED_AT_ONCE: Final = 64 * MEGABYTE
"""A larger file is put together and checked by the worker: no page waits for it."""
LOST_AFTER: Final = timedelta(minutes=10)
"""A check that was begun so long ago has lost whoever did it."""
KEPT_DAYS: Final = 7
"""An upload that nobody goes on with is kept for so long."""
CHUNK: Final = 1 << 20
MOST_LINKS: Final = 50
NAME_LENGTH: Final = 255


@dataclass(frozen=True)
class ResourceArrived:
    """A file has become a resource, or a new version of one. `about` is what the browser had said of it."""

    resource_id: int
    upload_id: int
    about: Mapping[str, Any]


class StoreTrouble(Refusal):
    """The file store is full or does not answer; it may be tried again."""

    code = "store"


def begin_upload(
    person: Person,
    name: str,
    size: int,
    media_type: str = "",
    fingerprint: str = "",
    sha256: str = "",
    about: Mapping[str, Any] | None = None,
) -> Upload:
    """Be ready for a file of that name and size, or go on with one that had been begun before.

    It is the same file when `fingerprint` and size are, and when it is for the same purpose. Raises NotAllowed for those who
    are not on the staff of a campus, NotFound when what it is about is not theirs to change, Invalid when the file is too
    large, empty or of a kind that is not taken, StoreTrouble when the store does not answer.
    """
    about = dict(about or {})
    name = name[-NAME_LENGTH:]
    _check_file(name, size)
    campus_id = _check_purpose(person, about, name, size)
    begun = _begun_before(person, fingerprint, size, about)
    if begun is None:
        begun = Upload(
            code=new_code(12),
            person_id=person.id,
            campus_id=campus_id,
            name=name,
            size=size,
            media_type=media_type_of(name),
            fingerprint=fingerprint,
            part_bytes=PART_BYTES,
            about=about,
        )
        return _open_in_store(begun)
    begun.sha256 = sha256 or begun.sha256
    begun.changed_at = now()  # it is not forgotten yet
    commit()
    return begun


def upload_of(person: Person, code: str) -> Upload:
    """The upload with that code. Raises NotFound unless it is theirs."""
    upload = db.session.scalar(select(Upload).where(Upload.code == code, Upload.person_id == person.id))
    if upload is None:
        raise NotFound(gettext("这个上传任务已经不在了，请重新上传。"))
    return upload


def part_sizes(upload: Upload) -> list[int]:
    """How many bytes each part has to have, the first part's first."""
    whole, rest = divmod(upload.size, upload.part_bytes)
    return [upload.part_bytes] * whole + ([rest] if rest else [])


def parts_there(upload: Upload) -> list[int]:
    """The numbers of the parts that have come in whole. An upload that the store has lost begins anew."""
    if upload.state is not UploadState.OPEN:
        return []
    sizes = part_sizes(upload)
    key, store_upload = upload.key, upload.store_upload
    db.session.rollback()
    try:
        with _told():
            there = the_store().parts(key, store_upload)
    except NoSuchUpload:
        if _is_whole(key, sum(sizes)):
            return list(range(1, len(sizes) + 1))
        _open_in_store(upload)
        return []
    return sorted(number for number, size in there.items() if number <= len(sizes) and size == sizes[number - 1])


def part_links(person: Person, code: str, numbers: Iterable[int]) -> dict[int, str]:
    """Addresses to which the browser PUTs these parts, at most `MOST_LINKS`. Raises Conflict when it is no longer open."""
    upload = upload_of(person, code)
    if upload.state is not UploadState.OPEN:
        raise Conflict(gettext("这个文件已经传完了。"))
    sizes = part_sizes(upload)
    wanted = sorted({number for number in numbers if 1 <= number <= len(sizes)})[:MOST_LINKS]
    return {
        number: the_store().part_link(upload.key, upload.store_upload, number, sizes[number - 1]) for number in wanted
    }


def finish_upload(person: Person, code: str, sha256: str = "") -> Upload:
    """All parts are there: make the resource (`Upload.resource`), or say through `state` that it is being checked.

    May be asked again at any time. Raises Conflict when parts are missing (send them and ask again), StoreTrouble when the store
    fails.
    """
    upload = upload_of(person, code)
    if upload.state is UploadState.OPEN and len(parts_there(upload)) < len(part_sizes(upload)):
        raise Conflict(gettext("还有一部分没有传到，会接着传。"))
    if not _claim(upload, sha256):
        return upload
    if upload.size <= CHECKED_AT_ONCE:
        _check(upload.id)
    else:
        new_job("check_upload", person.id, str(get_locale()), upload=upload.id)
        commit()
    return upload


def cancel_upload(person: Person, code: str) -> None:
    """Forget the upload and what has come in of it. A new resource that has come of it already goes into the recycle bin."""
    upload = upload_of(person, code)
    if upload.state is UploadState.DONE and _made_new(upload) and upload.resource and not upload.resource.removed_at:
        delete_resource(person, upload.resource)
    if upload.state is not UploadState.OPEN:
        return
    upload.state = UploadState.CANCELLED
    commit()
    _forget_parts(upload)


def _made_new(upload: Upload) -> bool:
    """Whether it was to become a resource of its own: no new version of one, nothing for a plan."""
    return not upload.about.get("resource") and receiver_of(upload.about) is None


def same_files(person: Person, sha256: str) -> Sequence[Resource]:
    """Resources they may read that hold this very file in their newest version; a few are enough."""
    if not sha256:
        return ()
    wanted = (
        access.readable_resources(standing_of(person))
        .join(
            ResourceVersion, and_(ResourceVersion.resource_id == Resource.id, ResourceVersion.number == Resource.number)
        )
        .where(ResourceVersion.sha256 == sha256)
        .order_by(Resource.id)
        .limit(3)
    )
    return db.session.scalars(wanted).all()


def forget_old_uploads(before: datetime) -> None:
    """Forget uploads that nobody has gone on with since `before`, and what is known of those that ended."""
    for upload in db.session.scalars(select(Upload).where(Upload.changed_at < before).order_by(Upload.id)).all():
        unfinished = upload.state in (UploadState.OPEN, UploadState.CHECKING)
        if unfinished:
            upload.state = UploadState.CANCELLED
            commit()
            _forget_parts(upload)
        db.session.delete(upload)
        commit()


@job("check_upload")
def check_upload(asked: Job, tell: Tell) -> dict[str, Any]:
    """The job that puts a large file together and looks whether it is what was sent."""
    _check(asked.asked["upload"])
    return {}


def _check_file(name: str, size: int) -> None:
    if not size:
        raise Invalid(file=gettext("“%(name)s”是空文件（0 字节），没有上传。请打开看看是否存好了。", name=name))
    if not is_welcome(name):
        ending = ending_of(name)
        raise Invalid(
            file=gettext(
                "“%(name)s”是 .%(ending)s 文件，资源库不收这种类型。可以打成 zip 再传。", name=name, ending=ending
            )
            if ending
            else gettext("“%(name)s”没有扩展名，认不出是什么文件。请改好文件名再传。", name=name)
        )


def _check_purpose(person: Person, about: Mapping[str, Any], name: str, size: int) -> int:
    """Whether they may send it, and there is room; the campus on whose account it goes."""
    standing = standing_of(person)
    if not standing.campus_ids:
        raise NotAllowed(gettext("您目前没有任职的校区，不能上传文件。请让集团管理员给您登记任职。"))
    if about.get("resource"):
        resource = access.resource_for_editing(standing, about["resource"])
        group_id, campus_id = resource.group_id, resource.campus_id
    else:
        place = _place(person, standing, about)
        group_id, campus_id = place.group_id, place.campus_id
    limits = limits_of(db.session.get_one(Group, group_id))
    if size > limits.file_megabytes * MEGABYTE:
        raise Invalid(
            file=gettext(
                "“%(name)s”有 %(size)s MB，超过了每个文件 %(limit)s MB 的上限。请压缩或拆分后再传。",
                name=name,
                size=format_decimal(-(-size // MEGABYTE)),
                limit=format_decimal(limits.file_megabytes),
            )
        )
    if not has_room(campus_id, size, limits):
        raise Invalid(
            file=gettext(
                "本校区的 %(limit)s GB 空间放不下“%(name)s”了。请清理不用的资源，或请集团管理员增加空间。",
                limit=format_decimal(limits.campus_gigabytes),
                name=name,
            )
        )
    return campus_id


def _place(person: Person, standing: Standing, about: Mapping[str, Any]) -> Place:
    """Where a new resource belongs: as its receiver says, else where the person works and as they chose."""
    receiver = receiver_of(about)
    if receiver:
        return receiver.place(person, about)
    places = [(group.id, campus.id) for group, campus in places_of(standing)]
    if not places:
        raise NotAllowed(gettext("您任职的校区目前不属于任何集团，不能上传文件。"))
    group_id, campus_id = next((each for each in places if each[1] == about.get("campus")), places[0])
    prep_group_id = about.get("prep_group")
    if prep_group_id not in standing.prep_group_ids:
        return Place(group_id, campus_id)
    shown = about.get("visibility") == Visibility.PREP_GROUP
    return Place(group_id, campus_id, prep_group_id, Visibility.PREP_GROUP if shown else Visibility.PERSONAL)


def _begun_before(person: Person, fingerprint: str, size: int, about: Mapping[str, Any]) -> Upload | None:
    if not fingerprint:
        return None
    begun = select(Upload).where(
        Upload.person_id == person.id,
        Upload.fingerprint == fingerprint,
        Upload.size == size,
        Upload.state.in_((UploadState.OPEN, UploadState.CHECKING)),
    )
    return next((upload for upload in db.session.scalars(begun) if upload.about == about), None)


def _open_in_store(upload: Upload) -> Upload:
    """Let the store be ready for the parts, under a new key."""
    key = new_key(f".{ending_of(upload.name)}")
    media_type = upload.media_type
    db.session.rollback()
    with _told():
        store_upload = the_store().begin_upload(key, media_type)
    upload.key, upload.store_upload, upload.state = key, store_upload, UploadState.OPEN
    db.session.add(upload)
    commit()
    return upload


def _claim(upload: Upload, sha256: str) -> bool:
    """Whether it is ours to check: nobody is checking it, or whoever did has been lost."""
    lost = and_(Upload.state == UploadState.CHECKING, Upload.changed_at < now() - LOST_AFTER)
    claimed = db.session.execute(
        update(Upload)
        .where(Upload.id == upload.id, or_(Upload.state == UploadState.OPEN, lost))
        .values(state=UploadState.CHECKING, sha256=sha256 or Upload.sha256, changed_at=now())
    )
    commit()
    return bool(claimed.rowcount)  # type: ignore[attr-defined]  # an UPDATE counts its rows


def _check(upload_id: int) -> None:
    """Put the file together, look whether it is what was sent, and make the resource of it."""
    upload = db.session.get_one(Upload, upload_id)
    key, store_upload, sizes = upload.key, upload.store_upload, part_sizes(upload)
    db.session.rollback()
    try:
        with _told():
            found = the_store().finish_upload(key, store_upload, sizes) or _sha256_of(key)
    except NoSuchUpload:
        _open_in_store(upload)
        raise Conflict(gettext("服务器上已传的部分丢失了，会从头再传。")) from None
    except (WrongParts, NoSuchFile):
        _set_state(upload, UploadState.OPEN)
        raise Conflict(gettext("还有一部分没有传到，会接着传。")) from None
    except StoreTrouble:
        _set_state(upload, UploadState.OPEN)
        raise
    if upload.sha256 and upload.sha256 != found:
        _fail(upload, gettext("“%(name)s”传到后与原文件不一致，已经丢弃。请再传一次。", name=upload.name))
        return
    try:
        _receive(upload, found)
    except Refusal as refusal:
        db.session.rollback()
        _fail(upload, refusal.message)


def _is_whole(key: str, size: int) -> bool:
    """Whether the parts have been put together already, before whoever did it was lost."""
    try:
        with _told():
            return the_store().size(key) == size
    except NoSuchFile:
        return False


def _sha256_of(key: str) -> str:
    digest = hashlib.sha256()
    with the_store().open(key) as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _receive(upload: Upload, sha256: str) -> None:
    person = upload.person
    standing = standing_of(person)
    if upload.about.get("resource"):
        resource = access.resource_for_editing(standing, upload.about["resource"])
        db.session.refresh(resource, with_for_update=True)
        resource.number += 1
    else:
        resource = _new_resource(person, standing, upload)
    keep_version(
        resource,
        key=upload.key,
        name=upload.name,
        size=upload.size,
        sha256=sha256,
        media_type=upload.media_type,
        person_id=person.id,
    )
    receiver = receiver_of(upload.about)
    if receiver:
        receiver.arrived(person, resource, upload.about)
    upload.sha256, upload.state, upload.resource_id = sha256, UploadState.DONE, resource.id
    announce(ResourceArrived(resource.id, upload.id, upload.about))
    commit()


def _new_resource(person: Person, standing: Standing, upload: Upload) -> Resource:
    """A resource with what was said of it and, for the rest, what its file's name says."""
    about = upload.about
    place = _place(person, standing, about)
    said = guess(upload.name)
    meant = {place.subject_id} if place.subject_id else subjects_meant(said, standing)
    topic = topic_for(said, meant) if place.topic_id is None else None
    edition = topic.unit.volume.edition if topic else None
    only = next(iter(meant)) if len(meant) == 1 else None
    grade = place.grade or (topic.unit.volume.grade if topic else said.grade)
    return Resource(
        code=new_code(12),
        title=about.get("title") or said.title,
        kind=ResourceKind(about.get("kind") or said.kind),
        owner_id=person.id,
        group_id=place.group_id,
        campus_id=place.campus_id,
        prep_group_id=place.prep_group_id,
        visibility=place.visibility,
        subject_id=place.subject_id or (edition.subject_id if edition else only),
        topic_id=place.topic_id or (topic.id if topic else None),
        stage=place.stage or (edition.stage if edition else stage_of(grade)),
        grade=grade,
        term=_term_now(place.group_id),
    )


def _term_now(group_id: int) -> str:
    term = term_on(group_id, today())
    return f"{term.year}-{term.semester}" if term else ""


def _set_state(upload: Upload, state: UploadState) -> None:
    upload.state = state
    commit()


def _fail(upload: Upload, reason: str) -> None:
    upload.state, upload.reason = UploadState.FAILED, reason[:300]
    key = upload.key
    commit()
    with _told():
        the_store().remove(key)


def _forget_parts(upload: Upload) -> None:
    """What the store cannot forget now is found later as belonging to nobody."""
    key, store_upload = upload.key, upload.store_upload
    db.session.rollback()
    try:
        the_store().cancel_upload(key, store_upload)
    except StoreFailed:
        log.warning("the parts of an upload could not be removed", extra={"key": key})


@contextmanager
def _told() -> Iterator[None]:
    """What is wrong with the store, in words for the one who waits for it."""
    try:
        yield
    except StoreFull as failure:
        raise StoreTrouble(
            gettext("服务器的存储空间满了，文件暂时传不上来。已传的部分还在；请告诉管理员。")
        ) from failure
    except StoreFailed as failure:
        log.warning("the file store does not answer: %s", failure)
        raise StoreTrouble(gettext("文件存储暂时没有应答。已传的部分还在，会自动再试。")) from failure
