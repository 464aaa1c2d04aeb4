"""What is done about slips and cards. Making them takes the worker some time: hashing passwords is slow on purpose."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from flask import url_for
from flask_babel import get_locale, gettext, lazy_gettext, ngettext
from sqlalchemy import delete, select

from foundation.clock import today
from foundation.database import announce, commit, db
from foundation.errors import Conflict, Invalid, NotAllowed, NotFound
from foundation.jobs import Job, Tell, folder_of, job, new_job
from manage.jobs import KINDS, KindOfJob
from manage.slips import papers
from manage.slips.access import class_to_card, classes_to_card
from manage.slips.papers import PASSWORD_SLIPS, PUPIL_CARDS, Paper
from manage.slips.queries import places_in, places_of
from schools import audit, throttling
from schools.access import standing_of
from schools.actions import SignedOutEverywhere
from schools.models import Person, Pupil, PupilSignIn, SchoolClass, SignIn
from schools.passwords import hash_password, one_time_password
from schools.pupils import new_class_code, new_pin
from schools.staff import people_let_in

MOST_AT_ONCE: Final = 3000
AT_A_TIME: Final = 500

KINDS[PASSWORD_SLIPS] = KindOfJob(
    lazy_gettext("制作密码条"),
    before=lambda job: url_for("slips.choose_people"),
    after=lambda job: url_for("slips.print_slips", code=job.code),
)
KINDS[PUPIL_CARDS] = KindOfJob(
    lazy_gettext("制作学生卡片"),
    before=lambda job: url_for("slips.choose_pupils", class_id=job.asked["class"]),
    after=lambda job: url_for("slips.print_cards", code=job.code),
)


def ask_for_slips(by: Person, person_ids: Sequence[int]) -> Job:
    """Have slips made for people whom `by` looks after. Raises Invalid for none or too many, NotFound for others' people."""
    if not person_ids:
        raise Invalid(person=gettext("请先勾选要打印密码条的人。"))
    if len(person_ids) > MOST_AT_ONCE:
        raise Invalid(person=gettext("一次最多打印 %(count)s 张，请按校区分几次打印。", count=MOST_AT_ONCE))
    if len(_let_in(by, person_ids)) != len(set(person_ids)):
        raise NotFound
    asked = new_job(PASSWORD_SLIPS, by.id, str(get_locale()), people=list(person_ids))
    commit()
    return asked


def ask_for_cards(by: Person, class_id: int, pupil_ids: Sequence[int], ends_on: date) -> Job:
    """Have cards made for pupils of a class. Raises NotFound, Invalid for none or a day that has passed."""
    school_class = class_to_card(by, class_id)
    if not pupil_ids:
        raise Invalid(pupil=gettext("请先勾选要做卡片的学生。"))
    if ends_on <= today():
        raise Invalid(ends_on=gettext("有效期要到今天以后。"))
    if not set(pupil_ids) <= {pupil.id for _, pupil in places_in(school_class)}:
        raise NotFound
    asked = {"class": class_id, "pupils": list(pupil_ids), "ends_on": ends_on.isoformat()}
    made = new_job(PUPIL_CARDS, by.id, str(get_locale()), **asked)
    commit()
    return made


def destroy_papers(made: Job) -> None:
    """Forget what was printed."""
    papers.destroy(made)


@job(PASSWORD_SLIPS)
def make_slips(asked: Job, tell: Tell) -> dict[str, Any]:
    """Draw and hash the passwords, keep the slips, and let them count in one short transaction."""
    by, folder, wanted = db.session.get_one(Person, asked.person_id), folder_of(asked), asked.asked["people"]
    people = sorted(_let_in(by, wanted), key=lambda person: (person.name, person.id))
    places = {person_id: (campus.id, campus.name) for person_id, campus in _places(wanted).items()}
    made: dict[int, Paper] = {}
    for person in people:
        _, place = places.get(person.id, (None, ""))
        made[person.id] = Paper(person.name, place, person.staff_number or "", one_time_password())
    db.session.rollback()
    hashes = _hashed([each.secret for each in made.values()], tell)
    papers.keep(folder, list(made.values()))
    by = db.session.get_one(Person, asked.person_id)
    still = _let_in(by, list(made))
    if len(still) != len(made):
        raise Conflict(gettext("制作期间有人调动或离开，密码条没有生效。请重新选择后再做。"))
    new_hashes = dict(zip(made, hashes, strict=True))
    for person in still:
        person.password_hash, person.new_password_due = new_hashes[person.id], True
        throttling.forgive(*throttling.keys_of_account(person))
        campus_id, _ = places.get(person.id, (None, ""))
        audit.record(by, "password_slip_made", "person", person, campus_id=campus_id)
        announce(SignedOutEverywhere(person.id))
    for start in range(0, len(made), AT_A_TIME):
        db.session.execute(delete(SignIn).where(SignIn.person_id.in_(list(made)[start : start + AT_A_TIME])))
    commit()
    return {"count": len(made)}


@job(PUPIL_CARDS)
def make_cards(asked: Job, tell: Tell) -> dict[str, Any]:
    """Draw and hash the PINs, keep the cards, and let them count in one short transaction."""
    by, folder = db.session.get_one(Person, asked.person_id), folder_of(asked)
    class_id, wanted = asked.asked["class"], set(asked.asked["pupils"])
    ends_on = date.fromisoformat(asked.asked["ends_on"])
    school_class = class_to_card(by, class_id)
    made = {
        pupil.id: Paper(pupil.name, school_class.name, str(enrolment.seat or ""), new_pin())
        for enrolment, pupil in places_in(school_class)
        if pupil.id in wanted
    }
    db.session.rollback()
    hashes = dict(zip(made, _hashed([each.secret for each in made.values()], tell), strict=True))
    papers.keep(folder, list(made.values()))
    by = db.session.get_one(Person, asked.person_id)
    kept = db.session.scalar(
        classes_to_card(standing_of(by)).where(SchoolClass.id == class_id).with_for_update(of=SchoolClass)
    )
    if kept is None:
        raise NotAllowed(gettext("制作期间您的权限有变化，卡片没有生效。"))
    kept.code = kept.code or new_class_code()
    for pupil in db.session.scalars(select(Pupil).where(Pupil.id.in_(made))):
        pupil.pin_hash, pupil.ends_on = hashes[pupil.id], ends_on
    db.session.execute(delete(PupilSignIn).where(PupilSignIn.pupil_id.in_(made)))
    audit.record(by, "pupil_cards_made", "class", kept, campus_id=kept.campus_id, count=len(made))
    outcome = {"class": kept.name, "code": kept.code, "ends_on": ends_on.isoformat(), "count": len(made)}
    commit()
    return outcome


def _hashed(secrets: Sequence[str], tell: Tell) -> list[str]:
    """The hash of each secret, told as it goes."""
    hashes = []
    for number, secret in enumerate(secrets, start=1):
        hashes.append(hash_password(secret))
        tell(number, len(secrets), ngettext("已做好 %(num)s 张……", "已做好 %(num)s 张……", number))
    return hashes


def _let_in(by: Person, person_ids: Sequence[int]) -> list[Person]:
    standing = standing_of(by)
    return [
        person
        for start in range(0, len(person_ids), AT_A_TIME)
        for person in db.session.scalars(
            people_let_in(standing).where(Person.id.in_(person_ids[start : start + AT_A_TIME]))
        )
    ]


def _places(person_ids: Sequence[int]) -> dict[int, Any]:
    found: dict[int, Any] = {}
    for start in range(0, len(person_ids), AT_A_TIME):
        found.update(places_of(person_ids[start : start + AT_A_TIME]))
    return found
