"""How much room files take, by campus."""

from collections.abc import Collection

from sqlalchemy import func, select

from foundation.database import db
from library.models import Resource, ResourceVersion, Upload, UploadState
from schools.limits import Limits

GIGABYTE = 1 << 30
MEGABYTE = 1 << 20


def bytes_of_campuses(campus_ids: Collection[int]) -> dict[int, int]:
    """How many bytes all versions of the resources of each campus take, those in the recycle bin included."""
    counted = (
        select(Resource.campus_id, func.sum(ResourceVersion.size))
        .join(ResourceVersion, ResourceVersion.resource_id == Resource.id)
        .where(Resource.campus_id.in_(campus_ids))
        .group_by(Resource.campus_id)
    )
    return dict.fromkeys(campus_ids, 0) | {campus: int(size) for campus, size in db.session.execute(counted).tuples()}


def bytes_on_their_way(campus_id: int) -> int:
    """How many bytes the open uploads of the campus will take."""
    coming = select(func.sum(Upload.size)).where(Upload.campus_id == campus_id, Upload.state == UploadState.OPEN)
    return int(db.session.scalar(coming) or 0)


def has_room(campus_id: int, size: int, limits: Limits) -> bool:
    """Whether so many bytes more find room beside what the campus has and what is on its way."""
    used = bytes_of_campuses([campus_id])[campus_id] + bytes_on_their_way(campus_id)
    return used + size <= limits.campus_gigabytes * GIGABYTE
