"""What is done to groups, campuses, people and their rights.

Every function makes one change and commits it. The acting person comes first; it is None where nobody is there yet, or a
program (the demo, tests) acts: rights are then not asked.

    set_up_group(None, wishes) -> Person         group, campuses, first administrator: the first visit
    add_group(by, name=, kind=) -> Group
    add_campus(by, group, name=, code=, kind=, rural=, stages=) -> Campus
    add_person(by, name=, staff_number=, password=) -> Person
    post(by, person, campus, from_day=, to_day=, kind=) -> Posting          end_posting(by, posting, on=)
    grant(by, person, role, group=, campus=, ...) -> RoleGrant              end_grant(by, grant, on=)
    add_subject(by, code=, name=) -> Subject     add_usual_subjects(by)
    add_class(by, campus, stage=, grade=, number=) -> SchoolClass
    assign(by, person, school_class, subject, from_day=, to_day=) -> TeachingAssignment
    make_prep_group(by, group, subject, stage=, grade=, campuses=) -> PrepGroup
    pick(by, prep_group, person, from_day=, to_day=) -> PrepGroupPick
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete

from foundation.clock import now
from foundation.database import commit, db
from schools.models import Person, SignIn, SignInFailure

FAILURES_WITHIN = timedelta(minutes=15)  # older refused passwords no longer count


@dataclass(frozen=True)
class PersonRightsChanged:
    """What somebody may do has changed: whoever keeps it in memory asks anew."""

    person_id: int


@dataclass(frozen=True)
class SignedOutEverywhere:
    """Sign-ins of somebody have ended; `signing_in.still_signed_in` knows which are left."""

    person_id: int


def choose_language(person: Person, language: str) -> None:
    """Keep the language in which `person` sees pages; empty follows the browser."""
    person.language = language
    commit()


def choose_theme(person: Person, theme: str) -> None:
    """Keep the colours in which `person` sees pages: light, dark, or empty for those of the system."""
    person.theme = theme
    commit()


def forget_old_sign_ins() -> None:
    """Delete sign-ins that have expired and refused passwords that no longer count."""
    db.session.execute(delete(SignIn).where(SignIn.expires_at <= now()))
    db.session.execute(delete(SignInFailure).where(SignInFailure.made_at <= now() - FAILURES_WITHIN))
    commit()
