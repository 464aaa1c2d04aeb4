"""The index of this installation, asked for a person."""

from collections.abc import Sequence

from flask import Flask, current_app

from foundation.config import Settings
from schools.access import Standing
from search import outbox
from search.access import findable
from search.index import Filters, Found, NoIndex, Sort, Suggestion, WhooshIndex
from search.synonyms import synonyms_of

_NAME = "search.service"


class Search:
    """Asks the index what a person may find."""

    def __init__(self, index: WhooshIndex) -> None:
        self.index = index

    def search(
        self,
        standing: Standing,
        words: str,
        filters: Filters | None = None,
        page: int = 1,
        sort: Sort = Sort.RELEVANCE,
    ) -> Found:
        """What somebody finds; nothing while the index is not made yet."""
        try:
            return self.index.search(
                findable(standing), words, filters or {}, max(1, page), sort, synonyms_of(standing)
            )
        except NoIndex:
            return Found()

    def suggest(self, standing: Standing, beginning: str) -> Sequence[Suggestion]:
        """Titles and names that hold what somebody is typing."""
        try:
            return self.index.suggest(findable(standing), beginning)
        except NoIndex:
            return []


def set_up(app: Flask) -> None:
    """Give `app` its index, and note what changes. Opens nothing."""
    outbox.listen()
    settings: Settings = app.config["SETTINGS"]
    app.extensions[_NAME] = Search(WhooshIndex(settings.data_dir / "search"))


def the_index() -> Search:
    """The index of this installation."""
    search: Search = current_app.extensions[_NAME]
    return search
