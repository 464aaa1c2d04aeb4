"""What is done to synonyms. Each function makes one change and commits it."""

from typing import Any

from flask_babel import gettext

from foundation.database import commit, db
from foundation.errors import Invalid
from schools.audit import record
from schools.models import Group, Person, Subject
from search.models import Synonym
from search.wording.access import must_change
from search.wording.forms import SynonymForm


def add_synonym(by: Person, group: Group, form: SynonymForm) -> Synonym:
    """Let words mean the same for the people of a group. Raises NotFound, NotAllowed, Invalid."""
    must_change(by, group.id, form.subject_id)
    _must_be_known(form.subject_id)
    synonym = Synonym(group_id=group.id)
    _describe(by, synonym, form)
    db.session.add(synonym)
    db.session.flush()
    _record(by, "synonym_made", synonym)
    commit()
    return synonym


def change_synonym(by: Person, synonym: Synonym, form: SynonymForm) -> None:
    """Raises NotFound, NotAllowed, Invalid."""
    must_change(by, synonym.group_id, synonym.subject_id)
    must_change(by, synonym.group_id, form.subject_id)
    _must_be_known(form.subject_id)
    before = synonym.words
    _describe(by, synonym, form)
    _record(by, "synonym_changed", synonym, before=before)
    commit()


def delete_synonym(by: Person, synonym: Synonym) -> None:
    """Raises NotFound, NotAllowed."""
    must_change(by, synonym.group_id, synonym.subject_id)
    _record(by, "synonym_deleted", synonym)
    db.session.delete(synonym)
    commit()


def _describe(by: Person, synonym: Synonym, form: SynonymForm) -> None:
    synonym.words, synonym.subject_id, synonym.changed_by_id = form.words, form.subject_id, by.id


def _must_be_known(subject_id: int | None) -> None:
    if subject_id is not None and db.session.get(Subject, subject_id) is None:
        raise Invalid(subject=gettext("请从列表里选择学科。"))


def _record(by: Person, action: str, synonym: Synonym, **details: Any) -> None:
    record(by, action, "synonym", synonym, name="、".join(synonym.words)[:120], group_id=synonym.group_id, **details)
