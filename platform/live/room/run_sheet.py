"""运行单: the plan as a lesson is run by it, taken when it is scheduled and kept with the session."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from flask import url_for
from sqlalchemy import Row, select, tuple_

from foundation.database import db
from lessons import reading
from lessons.models import Plan, PlanResource
from lessons.text.reading import plan_to_html, resources_in
from library.models import Resource, ResourceVersion
from library.previewing.kinds import FileKind, kind_of

PICTURE: Final = "live-file:"
"""Before the address of a picture in the texts of a run-sheet, until the session is known that it is shown in."""

KINDS: Final = {
    FileKind.SLIDES: "slides",
    FileKind.PDF: "slides",
    FileKind.WORD: "slides",
    FileKind.OLD: "slides",
    FileKind.PICTURE: "image",
    FileKind.FILM: "video",
    FileKind.SOUND: "audio",
}

_SHOWN: Final = ("slides", "image")

RunSheet = dict[str, Any]
"""See "The run-sheet" in docs/live.md; `pictures` lists [resource, version] of those that stand in its texts."""

EMPTY: Final[RunSheet] = {"title": "", "minutes": 0, "steps": [], "pictures": []}


def take(plan: Plan) -> RunSheet:
    """The plan as it is now, with the newest versions of its files: what happens to it later changes nothing here."""
    content = reading.content_of(plan)
    files = _files_of(plan)
    shown = resources_in(content)
    pictures = {file.code: file.number for file in files if file.code in shown}
    text = plan_to_html(content, {code: f"{PICTURE}{code}/{number}" for code, number in pictures.items()})
    return {
        "title": text.title,
        "minutes": text.total or text.periods * text.minutes,
        "pictures": sorted([code, number] for code, number in pictures.items()),
        "steps": [
            {
                "id": step.id,
                "title": step.title,
                "minutes": step.minutes,
                "teacher": str(step.teacher),
                "pupils": str(step.pupils),
                "intent": str(step.intent),
                "notes": {code: str(html) for code, html in step.campuses.items()},
                "files": [_told(file) for file in files if file.step_id == step.id],
            }
            for step in text.steps
        ],
    }


def for_screen(
    run_sheet: RunSheet,
    code: str,
    *,
    adult: bool,
    campuses: Collection[str] | None,
    pages: Mapping[tuple[str, int], int],
) -> RunSheet:
    """What a screen of the session `code` is given: notes of `campuses` only (None: of all), and what is the teacher's only to an `adult`.

    `pages` are the numbers of pages as they are known now: a preview may have been made after the run-sheet was taken.
    """
    picture = url_for("live_room.file", code=code, resource="r", version=1, page=0).removesuffix("r/1/0")

    def shown(html: str) -> str:
        return html.replace(f'src="{PICTURE}', f'src="{picture}')

    def step(each: dict[str, Any]) -> dict[str, Any]:
        told = {
            "id": each["id"],
            "title": each["title"],
            "minutes": each["minutes"],
            "pupils": shown(each["pupils"]),
            "notes": {
                campus: shown(html) for campus, html in each["notes"].items() if campuses is None or campus in campuses
            },
            "files": [
                file | {"pages": pages.get((file["resource"], file["version"]), file["pages"])}
                for file in each["files"]
            ],
        }
        return told | {"teacher": shown(each["teacher"]), "intent": shown(each["intent"])} if adult else told

    sheet = EMPTY | run_sheet
    return {"title": sheet["title"], "minutes": sheet["minutes"], "steps": [step(each) for each in sheet["steps"]]}


def files_on(run_sheet: RunSheet) -> set[tuple[str, int]]:
    """Resource and version of every file and picture on it: whoever is in the room may see these."""
    steps = run_sheet.get("steps", [])
    return {(file["resource"], file["version"]) for step in steps for file in step["files"]} | {
        (resource, version) for resource, version in run_sheet.get("pictures", [])
    }


def has_other_files(run_sheet: RunSheet, plan: Plan) -> bool:
    """Whether the files at the steps of `plan`, or their newest versions, are no longer those of its run-sheet."""
    kept = {
        (step["id"], file["resource"], file["version"]) for step in run_sheet.get("steps", []) for file in step["files"]
    }
    steps = {step["id"] for step in run_sheet.get("steps", [])}
    return kept != {(file.step_id, file.code, file.number) for file in _files_of(plan) if file.step_id in steps}


def versions_on(run_sheet: RunSheet) -> Sequence[Row[tuple[str, ResourceVersion]]]:
    """The versions of its files that are still there, each with the code of its resource."""
    wanted = files_on(run_sheet)
    if not wanted:
        return []
    return db.session.execute(
        select(Resource.code, ResourceVersion)
        .join(Resource, Resource.id == ResourceVersion.resource_id)
        .where(tuple_(Resource.code, ResourceVersion.number).in_(wanted))
    ).all()


def first_page(run_sheet: RunSheet, step_id: str, present: dict[str, Any] | None) -> dict[str, Any] | None:
    """The page that a step begins with: the first of its own slides, else the present one where those slides go on.

    Most lessons have one set of slides, which stands at their first step.
    """
    steps = run_sheet.get("steps", [])
    own = [file for step in steps if step["id"] == step_id for file in step["files"] if file["kind"] in _SHOWN]
    goes_on = own or [file for step in steps for file in step["files"] if file["kind"] == "slides"]
    if present is not None and any(file["resource"] == present["resource"] for file in goes_on):
        return present
    return {"resource": own[0]["resource"], "version": own[0]["version"], "number": 1} if own else None


def _files_of(plan: Plan) -> Sequence[Row[Any]]:
    return db.session.execute(
        select(PlanResource.step_id, Resource.code, ResourceVersion.number, ResourceVersion.name, ResourceVersion.pages)
        .join(Resource, Resource.id == PlanResource.resource_id)
        .join(
            ResourceVersion,
            (ResourceVersion.resource_id == Resource.id) & (ResourceVersion.number == Resource.number),
        )
        .where(PlanResource.plan_id == plan.id, Resource.removed_at.is_(None))
        .order_by(PlanResource.made_at, Resource.id)
    ).all()


def _told(file: Row[Any]) -> dict[str, Any]:
    return {
        "resource": file.code,
        "version": file.number,
        "name": file.name,
        "kind": KINDS.get(kind_of(file.name), "other"),
        "pages": file.pages,
    }
