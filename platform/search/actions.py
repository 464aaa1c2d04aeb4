"""What people do with the search beside searching. Each function makes one change and commits it."""

from typing import Any, Final

from flask_babel import gettext
from sqlalchemy import func, select

from foundation.database import commit, db
from foundation.errors import Invalid, NotFound
from schools.models import Person
from search.models import SavedSearch

MOST_SAVED: Final = 50


def save_search(by: Person, name: str, query: dict[str, Any]) -> SavedSearch:
    """Keep a search under a name, in place of one that is called so. Raises Invalid."""
    mine = select(SavedSearch).where(SavedSearch.person_id == by.id)
    saved = db.session.scalar(mine.where(SavedSearch.name == name).limit(1))
    if saved is None:
        count = db.session.scalar(select(func.count()).select_from(mine.subquery())) or 0
        if count >= MOST_SAVED:
            raise Invalid(name=gettext("最多保存 %(count)d 个常用搜索。请先删除不再用的。", count=MOST_SAVED))
        saved = SavedSearch(person_id=by.id, name=name)
        db.session.add(saved)
    saved.query = query
    commit()
    return saved


def rename_search(by: Person, search_id: int, name: str) -> None:
    """Call a saved search otherwise. Raises NotFound."""
    _search_of(by, search_id).name = name
    commit()


def delete_search(by: Person, search_id: int) -> str:
    """Forget a saved search; its name. Raises NotFound."""
    saved = _search_of(by, search_id)
    name = saved.name
    db.session.delete(saved)
    commit()
    return name


def _search_of(by: Person, search_id: int) -> SavedSearch:
    saved = db.session.get(SavedSearch, search_id)
    if saved is None or saved.person_id != by.id:
        raise NotFound
    return saved
