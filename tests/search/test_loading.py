"""Big trials: documents of a file become resources."""

import json
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import func, select

from foundation.database import db
from library.models import Resource, ResourceKind
from schools.access import standing_of
from schools.models import Campus, Person, Visibility
from search.models import SearchOutbox
from search.service import the_index
from tests.factories import PASSWORD, make_person


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Forty documents of four authors at two campuses, as those of the benchmark."""
    lines = [
        {
            "id": number,
            "title": f"《静夜思》教案{number}",
            "body": f"床前明月光，第{number}份。",
            "subject": "语文",
            "grade": "高一",
            "campus": f"c{number % 2 + 1}",
            "type": "课件",
            "author": f"t{number % 4:04}",
            "author_name": "李白",
            "term": "2025-2",
            "tags": ["唐诗"],
            "visibility": ("group", "campus", "private")[number % 3],
            "created": 1700000000 + number,
        }
        for number in range(40)
    ]
    file = tmp_path / "docs.jsonl"
    file.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    return file


def load(app: Flask, *arguments: object) -> tuple[int, str]:
    db.session.commit()
    done = FlaskCliRunner(app).invoke(args=["search", "load-corpus", *map(str, arguments)])
    db.session.rollback()
    return done.exit_code, done.output


def test_documents_are_found_by_those_who_may_read_them(app: Flask, corpus: Path) -> None:
    code, output = load(app, corpus, "--limit", 30, "--password", PASSWORD)
    assert code == 0, output
    assert db.session.scalar(select(func.count()).select_from(Resource)) == 30
    third = db.session.scalars(select(Resource).where(Resource.title == "《静夜思》教案2")).one()
    assert (third.kind, third.visibility, third.grade, third.term) == (
        ResourceKind.SLIDES,
        Visibility.PERSONAL,
        10,
        "2025-2",
    )
    assert third.versions[0].pages == 1
    for person in db.session.scalars(select(Person)).all():
        standing = standing_of(person)
        mine = (
            select(func.count())
            .select_from(Resource)
            .where(
                (Resource.owner_id == person.id)
                | (Resource.visibility == Visibility.GROUP)
                | ((Resource.visibility == Visibility.CAMPUS) & Resource.campus_id.in_(standing.campus_ids))
            )
        )
        assert the_index().search(standing, "明月光").total == db.session.scalar(mine)


def test_nothing_is_left_to_index_but_the_people(app: Flask, corpus: Path) -> None:
    load(app, corpus)
    assert set(db.session.scalars(select(SearchOutbox.kind).distinct())) <= {"person", "campus", "subject"}


def test_an_installation_in_use_is_left_alone_unless_told_otherwise(app: Flask, corpus: Path) -> None:
    make_person()
    code, output = load(app, corpus)
    assert code != 0
    assert "--group" in output
    assert db.session.scalar(select(func.count()).select_from(Resource)) == 0
    assert load(app, corpus, "--group", "试验")[0] == 0
    assert load(app, corpus, "--group", "试验")[0] != 0
    assert db.session.scalar(select(func.count()).select_from(Campus)) == 3


def test_a_file_of_something_else_is_refused_with_its_line(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "other.jsonl"
    file.write_text("[1]\n", encoding="utf-8")
    code, output = load(app, file)
    assert code != 0
    assert "1" in output
