"""About what one may ask why: each thing with its questions, asked of somebody."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext

from foundation.errors import NotFound
from lessons import access as lesson_access
from lessons import reasons as lesson_reasons
from lessons.models import Plan
from library import access as library_access
from library import reasons as library_reasons
from library.models import Resource
from manage.rights import access
from schools.access import Scope, Standing, why_administers, why_arranges, why_oversees
from schools.models import Campus, Person
from schools.reasons import Answer, Inquiry, role_said
from schools.staff import campuses_belonged_to

Why = Callable[[Standing, Campus], tuple[object, ...]]


@dataclass(frozen=True)
class Answered:
    """A question in words, why they may, and a sentence for when they may not."""

    question: str
    answer: Answer
    otherwise: str = ""


@dataclass(frozen=True)
class Thing:
    """What is asked about: its name, its page, and how to ask about somebody."""

    name: str
    url: str
    ask: Callable[[Inquiry], Sequence[Answered]]


def thing_of(standing: Standing, kind: str, name: str) -> Thing:
    """The thing in an address; raises NotFound for what somebody with `standing` may not know of."""
    match kind:
        case "plan":
            return _plan(lesson_access.plan_for_reading(standing, name))
        case "resource":
            return _resource(library_access.resource_for_reading(standing, name))
        case "campus" if name.isdecimal():
            return _campus(access.campus_to_ask_about(standing, int(name)))
        case "class" if name.isdecimal():
            school_class = access.class_to_ask_about(standing, int(name))
            url = url_for("classes.show_class", class_id=school_class.id)
            return Thing(school_class.name, url, lambda about: _ask_campuses(about, [school_class.campus]))
        case "person" if name.isdecimal():
            return _person(access.colleague(standing, int(name)))
    raise NotFound


def _plan(plan: Plan) -> Thing:
    def ask(about: Inquiry) -> list[Answered]:
        why = lesson_reasons.why_plan(about, plan)
        return [
            Answered(gettext("能看这份教案吗？"), why.reading, why.otherwise),
            Answered(gettext("能修改吗？"), why.writing),
        ]

    title = plan.title or gettext("未命名的教案")
    return Thing(title, url_for("lessons.show_plan", code=plan.code), ask)


def _resource(resource: Resource) -> Thing:
    def ask(about: Inquiry) -> list[Answered]:
        why = library_reasons.why_resource(about, resource)
        return [
            Answered(gettext("能看这份资源吗？"), why.reading, why.otherwise),
            Answered(gettext("能改资料、传新版本吗？"), why.changing),
        ]

    return Thing(resource.title, url_for("library.show_resource", code=resource.code), ask)


def _campus(campus: Campus) -> Thing:
    url = url_for("organisation.show_campus", campus_id=campus.id)
    return Thing(campus.name, url, lambda about: _ask_campuses(about, [campus]))


def _person(other: Person) -> Thing:
    at_home = campuses_belonged_to(other)
    campuses = [posting.campus for posting in other.postings if posting.campus_id in at_home]

    def ask(about: Inquiry) -> list[Answered]:
        return _ask_campuses(about, campuses)[:1]

    return Thing(other.name, url_for("people.show_person", person_id=other.id), ask)


def _ask_campuses(about: Inquiry, campuses: Sequence[Campus]) -> list[Answered]:
    questions: Sequence[tuple[str, Why]] = (
        (gettext("能管理这里的人员、班级和学生吗？"), why_administers),
        (gettext("能安排这里的班级、任课和备课组吗？"), why_arranges),
        (gettext("能查看这里的班级和学生吗？"), why_oversees),
    )
    return [Answered(question, about.answer(_asking(why, campuses))) for question, why in questions]


def _asking(why: Why, campuses: Sequence[Campus]) -> Callable[[Standing], list[str]]:
    def said(standing: Standing) -> list[str]:
        scopes = dict.fromkeys(scope for campus in campuses for scope in why(standing, campus))
        return [sentence for scope in scopes if isinstance(scope, Scope) for sentence in role_said(standing, scope)]

    return said
