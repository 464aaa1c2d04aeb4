"""What bench/search.py measures: the product's own index, and SQLite FTS5 and tantivy over the same terms.

Each has a folder of its own. `build` indexes everything there, `open` opens it as another process does, `search` makes a full answer, `add` makes one
more findable.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from foundation.marks import Either, Every, Marks, having
from library.models import ResourceKind
from search import analysis
from search.asking import ask
from search.documents import Document, Kind, Part
from search.index import WhooshIndex
from search.marking import best_part, snippet

FACETS = ("subject", "grade", "campus", "type")
VISIBLE = {"group": "group", "campus": "campus", "private": "personal"}
TYPES = list(ResourceKind)

Row = dict[str, Any]


class Engine(Protocol):
    """What is measured."""

    name: str

    def build(self, rows: Iterable[Row]) -> None:
        """Index everything."""

    def open(self) -> None:
        """Open what was built."""

    def search(self, asked: Row) -> list[int]:
        """The ids of the first ten, after a full answer."""

    def add(self, row: Row) -> None:
        """Index one more."""


class Numbers:
    """Names of subjects, grades and types as numbers, as the product has them; kept in a file."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, str], int] = {}

    def save(self, file: Path) -> None:
        """Keep them."""
        file.write_text(json.dumps([[*key, number] for key, number in self.known.items()]), encoding="utf-8")

    def load(self, file: Path) -> None:
        """Take them as they were kept."""
        rows = json.loads(file.read_text(encoding="utf-8"))
        self.known = {(name, value): number for name, value, number in rows}

    def of(self, name: str, value: str) -> int:
        """The number of a value, a new one when it is new."""
        if name == "campus":
            return int(value[1:])
        if name == "author":
            return int(value[1:]) + 1
        return self.known.setdefault((name, value), 1 + sum(kind == name for kind, _ in self.known))

    def type_of(self, value: str) -> ResourceKind:
        """One of our types for one of the corpus."""
        return TYPES[self.of("type", value) - 1]


class Ours:
    """The product's own index."""

    name = "tongke"

    def __init__(self, folder: Path) -> None:
        self.file = folder / "numbers.json"
        self.index = WhooshIndex(folder)
        self.numbers = Numbers()

    def document(self, row: Row) -> Document:
        """A resource of the corpus as the product would index it."""
        return Document(
            kind=Kind.RESOURCE,
            id=row["id"] + 1,
            code=str(row["id"]),
            title=row["title"],
            changed_at=datetime.fromtimestamp(row["created"], UTC),
            line=f"{row['author_name']} · {row['campus']}",
            also=" ".join(row["tags"]),
            parts=(Part("page", "1", "", row["body"]),),
            facts={
                "subject_id": self.numbers.of("subject", row["subject"]),
                "grade": self.numbers.of("grade", row["grade"]),
                "campus_id": self.numbers.of("campus", row["campus"]),
                "owner_id": self.numbers.of("author", row["author"]),
                "type": self.numbers.type_of(row["type"]),
                "term": row["term"],
                "visibility": VISIBLE[row["visibility"]],
                "group_id": 1,
            },
        )

    def build(self, rows: Iterable[Row]) -> None:
        """Index everything."""
        with self.index.remaking():
            self.index.rebuild(map(self.document, rows))
        self.numbers.save(self.file)

    def open(self) -> None:
        """Open what was built."""
        self.numbers.load(self.file)
        self.index.view()

    def allowed(self, user: Row) -> Marks:
        """What a user of the benchmark may see."""
        campuses = {self.numbers.of("campus", each) for each in user["campuses"]}
        return Either((
            having("visibility", {"group"}),
            Every((having("visibility", {"campus"}), having("campus_id", campuses))),
            having("owner_id", {self.numbers.of("author", user["id"])}),
        ))  # fmt: skip

    def filters(self, asked: Row) -> dict[str, set[Any]]:
        """The filters of a query, as the product has them."""
        return {name: {self._value(name, value) for value in values} for name, values in asked["filters"].items()}

    def _value(self, name: str, value: str) -> Any:
        if name == "term":
            return value
        return self.numbers.type_of(value) if name == "type" else self.numbers.of(name, value)

    def search(self, asked: Row) -> list[int]:
        """The ids of the first ten, after a full answer."""
        words = f"“{asked['q']}”" if asked["phrase"] else asked["q"]
        found = self.index.search(self.allowed(asked["user"]), words, self.filters(asked), page_size=10)
        return [hit.id - 1 for hit in found.hits[:10]]

    def add(self, row: Row) -> None:
        """Index one more, and gather segments, as the worker does beside it."""
        self.index.put([self.document(row)])
        self.index.gather()


class Peer:
    """What the peers share: our analysis, our snippets, so that engines are compared and nothing else."""

    def terms(self, row: Row) -> dict[str, str]:
        """The terms of a resource, by field."""
        title = analysis.fold(row["title"])
        body = analysis.fold(row["body"])
        fields = {
            "title": analysis.terms_of_title(title),
            "text": analysis.terms_of_text(body),
            "sound": analysis.sounds(title),
            "initials": analysis.initials(title),
        }
        return {name: " ".join(terms) for name, terms in fields.items()}

    def snippets(self, asked: Row, bodies: Iterable[str]) -> None:
        """Make the snippets of an answer."""
        shown = ask(asked["q"]).shown
        for body in bodies:
            found = best_part((Part("page", "1", "", body),), shown)
            snippet(body, found[2] if found else 0, shown)


class Fts5(Peer):
    """SQLite FTS5 over the same terms; rights, filters and facets in SQL."""

    name = "sqlite-fts5"
    COLUMNS = ("subject", "grade", "campus", "type", "term", "author", "visibility")

    def __init__(self, folder: Path) -> None:
        self.file = folder / "fts5.sqlite3"

    def open(self) -> None:
        """Open what was built."""
        self.connection = sqlite3.connect(self.file, isolation_level=None)
        self.connection.execute("PRAGMA journal_mode=wal")
        self.connection.execute("PRAGMA cache_size=-200000")

    def build(self, rows: Iterable[Row]) -> None:
        """Index everything."""
        self.open()
        self.connection.execute(f"CREATE TABLE d (id INTEGER PRIMARY KEY, title, body, {', '.join(self.COLUMNS)})")
        fields = "title, text, sound, initials, content='', tokenize='unicode61'"
        self.connection.execute(f"CREATE VIRTUAL TABLE f USING fts5({fields})")
        self.connection.execute("BEGIN")
        for row in rows:
            self._insert(row)
        self.connection.execute("COMMIT")
        self.connection.execute("INSERT INTO f(f) VALUES ('optimize')")
        self.connection.close()

    def _insert(self, row: Row) -> None:
        values = [row["id"], row["title"], row["body"], *(row[name] for name in self.COLUMNS)]
        self.connection.execute(f"INSERT INTO d VALUES ({','.join('?' * len(values))})", values)
        terms = self.terms(row)
        self.connection.execute(
            "INSERT INTO f(rowid, title, text, sound, initials) VALUES (?, ?, ?, ?, ?)", [row["id"], *terms.values()]
        )

    def add(self, row: Row) -> None:
        """Index one more."""
        self.connection.execute("BEGIN")
        self._insert(row)
        self.connection.execute("COMMIT")

    def search(self, asked: Row) -> list[int]:
        """The ids of the first ten, after a full answer."""
        where, values = self._where(asked)
        for match in self._matches(asked):
            found = self.connection.execute(
                f"SELECT f.rowid, d.body FROM f JOIN d ON d.id = f.rowid WHERE f MATCH ? AND {where}"
                " ORDER BY bm25(f, 4.0, 1.0, 3.0, 2.0) LIMIT 10",
                [match, *values],
            ).fetchall()
            if len(found) >= 3:
                break
        for facet in FACETS:
            self.connection.execute(
                f"SELECT d.{facet}, count(*) FROM f JOIN d ON d.id = f.rowid WHERE f MATCH ? AND {where} GROUP BY 1",
                [match, *values],
            ).fetchall()
        self.snippets(asked, (body for _, body in found))
        return [id for id, _ in found]

    def _where(self, asked: Row) -> tuple[str, list[str]]:
        user = asked["user"]
        marks = ",".join("?" * len(user["campuses"]))
        where = f"(d.visibility = 'group' OR (d.visibility = 'campus' AND d.campus IN ({marks})) OR d.author = ?)"
        values = [*user["campuses"], user["id"]]
        for name, some in asked["filters"].items():
            where += f" AND d.{name} IN ({','.join('?' * len(some))})"
            values += some
        return where, values

    def _matches(self, asked: Row) -> Iterator[str]:
        words = ask(asked["q"])
        quoted = [f'"{term}"' for need in words.needs for term in need.ways[0].terms]
        if asked["phrase"]:
            yield '{title text} : "' + " ".join(need.ways[0].terms[0] for need in words.needs) + '"'
            return
        strict = " AND ".join(f"({{title text}} : {term})" for term in quoted)
        joiner = " AND " if words.latin else " OR "
        heard = ["(" + joiner.join(f'sound : "{part}"' for part in sound) + ")" for sound in words.sounds]
        if words.initials:
            heard.append("(" + " AND ".join(f'initials : "{part}"' for part in words.initials) + ")")
        if words.latin:
            yield " OR ".join([f"({strict})", *heard])
        else:
            yield strict
            yield " OR ".join([*(f"({{title text}} : {term})" for term in quoted), *heard])


class Tantivy(Peer):
    """tantivy over the same terms."""

    name = "tantivy"
    COLUMNS = Fts5.COLUMNS

    def __init__(self, folder: Path) -> None:
        import tantivy

        self.tantivy = tantivy
        builder = tantivy.SchemaBuilder()
        builder.add_integer_field("id", stored=True, indexed=True, fast=True)
        for name in ("title", "text"):
            builder.add_text_field(name, tokenizer_name="whitespace", index_option="position")
        for name in ("sound", "initials"):
            builder.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
        for name in self.COLUMNS:
            builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
        builder.add_bytes_field("body", stored=True, indexed=False)
        self.schema = builder.build()
        self.folder = str(folder)
        self.writer: Any = None

    def build(self, rows: Iterable[Row]) -> None:
        """Index everything."""
        writer = self.tantivy.Index(self.schema, path=self.folder).writer(256_000_000, 1)
        for row in rows:
            writer.add_document(self._document(row))
        writer.commit()
        writer.wait_merging_threads()

    def open(self) -> None:
        """Open what was built."""
        self.index = self.tantivy.Index.open(self.folder)
        self.searcher = self.index.searcher()

    def _document(self, row: Row) -> Any:
        document = self.tantivy.Document()
        document.add_integer("id", row["id"])
        for name, terms in self.terms(row).items():
            document.add_text(name, terms)
        for name in self.COLUMNS:
            document.add_text(name, row[name])
        document.add_bytes("body", row["body"].encode())
        return document

    def add(self, row: Row) -> None:
        """Index one more."""
        self.writer = self.writer or self.index.writer(64_000_000, 1)
        self.writer.add_document(self._document(row))
        self.writer.commit()
        self.index.reload()
        self.searcher = self.index.searcher()

    def _term(self, name: str, value: str) -> Any:
        return self.tantivy.Query.term_query(self.schema, name, value)

    def _every(self, parts: Iterable[Any]) -> Any:
        return self.tantivy.Query.boolean_query([(self.tantivy.Occur.Must, part) for part in parts])

    def _either(self, parts: Iterable[Any]) -> Any:
        return self.tantivy.Query.boolean_query([(self.tantivy.Occur.Should, part) for part in parts])

    def _in_both(self, term: str) -> Any:
        query = self.tantivy.Query
        title = query.boost_query(self._term("title", term), 4.0)
        return query.disjunction_max_query([title, self._term("text", term)])

    def search(self, asked: Row) -> list[int]:
        """The ids of the first ten, after a full answer."""
        query = self.tantivy.Query
        user = asked["user"]
        campuses = self._either(self._term("campus", each) for each in user["campuses"])
        rights = self._either([
            self._term("visibility", "group"),
            self._every([self._term("visibility", "campus"), campuses]),
            self._term("author", user["id"]),
        ])  # fmt: skip
        filters = [
            self._either(self._term(name, value) for value in values) for name, values in asked["filters"].items()
        ]
        limits = [query.const_score_query(part, 0.0) for part in (rights, *filters)]
        counts = {name: {"terms": {"field": name}} for name in FACETS}
        for stage in self._stages(asked):
            whole = self._every([stage, *limits])
            found = self.searcher.search(whole, 10)
            if len(found.hits) >= 3:
                break
        self.searcher.aggregate(whole, counts)
        documents = [self.searcher.doc(address) for _, address in found.hits]
        self.snippets(asked, (bytes(document["body"][0]).decode() for document in documents))
        return [document["id"][0] for document in documents]

    def _stages(self, asked: Row) -> Iterator[Any]:
        words = ask(asked["q"])
        terms = [term for need in words.needs for term in need.ways[0].terms]
        if asked["phrase"]:
            phrase = self.tantivy.Query.phrase_query
            yield (
                self._either(phrase(self.schema, name, terms) for name in ("title", "text"))
                if len(terms) > 1
                else self._in_both(terms[0])
            )
            return
        join = self._every if words.latin else self._either
        heard = [join(self._term("sound", part) for part in sound) for sound in words.sounds]
        if words.initials:
            heard.append(self._every(self._term("initials", part) for part in words.initials))
        both = [self._in_both(term) for term in terms]
        if words.latin:
            yield self._either([self._every(both), *heard])
        else:
            yield self._every(both)
            yield self._either([*both, *heard])


ENGINES: dict[str, Any] = {engine.name: engine for engine in (Ours, Fts5, Tantivy)}
