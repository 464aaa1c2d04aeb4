"""The index of this installation, asked for a person."""

from collections.abc import Sequence
from functools import cached_property

from flask import Flask, current_app

from foundation.config import Settings
from schools.access import Standing
from search import outbox
from search.access import findable
from search.asking import Synonyms
from search.index import Filters, Found, NoIndex, SearchIndex, Sort, Suggestion, WhooshIndex
from search.synonyms import synonyms_of

_NAME = "search.service"


class Asker:
    """Asks the index several times for one person, whose rights are looked up once. To be kept for one request only."""

    def __init__(self, index: SearchIndex, standing: Standing) -> None:
        self._index = index
        self._standing = standing
        self._findable = findable(standing)

    @cached_property
    def _synonyms(self) -> Synonyms:
        return synonyms_of(self._standing)

    def search(self, words: str, filters: Filters | None = None, page: int = 1, sort: Sort = Sort.RELEVANCE) -> Found:
        """What they find; nothing while the index is not made yet."""
        try:
            return self._index.search(self._findable, words, filters or {}, max(1, page), sort, self._synonyms)
        except NoIndex:
            return Found()

    def suggest(self, beginning: str) -> Sequence[Suggestion]:
        """Titles and names that hold what they are typing."""
        try:
            return self._index.suggest(self._findable, beginning)
        except NoIndex:
            return []


class Search:
    """The index, asked for a person."""

    def __init__(self, index: WhooshIndex) -> None:
        self.index = index

    def asker(self, standing: Standing) -> Asker:
        """Several questions of one person at once."""
        return Asker(self.index, standing)

    def search(
        self,
        standing: Standing,
        words: str,
        filters: Filters | None = None,
        page: int = 1,
        sort: Sort = Sort.RELEVANCE,
    ) -> Found:
        """What somebody finds; nothing while the index is not made yet."""
        return self.asker(standing).search(words, filters, page, sort)

    def suggest(self, standing: Standing, beginning: str) -> Sequence[Suggestion]:
        """Titles and names that hold what somebody is typing."""
        return self.asker(standing).suggest(beginning)


def set_up(app: Flask) -> None:
    """Give `app` its index, and note what changes. Opens nothing."""
    outbox.listen()
    settings: Settings = app.config["SETTINGS"]
    app.extensions[_NAME] = Search(WhooshIndex(settings.data_dir / "search"))


def the_index() -> Search:
    """The index of this installation."""
    search: Search = current_app.extensions[_NAME]
    return search
