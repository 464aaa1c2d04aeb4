"""Server time of Wagtail's pages with 2,000 pages and 500 people. Started by `bench/pages.py --peer` in an environment of its own.

A group of four campuses; every person belongs to the one permission group of their campus and subject, which may edit that
subject's pages there. As with our own pages: one thread, the whole stack through the test client, SQLite, another person at
every request. The texts are those of our demo, as the HTML that standard input brings, one JSON list.
"""

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import django
from django.conf import settings

HERE = Path(__file__).resolve().parent
SUBJECTS = "语数英科道艺"
STATES = ("draft", "discussing", "common", "teaching", "archived")


def set_up(folder: str) -> None:
    """Wagtail as its project template sets it up, without debugging, with an empty database in `folder`."""
    wagtail = ["users", "documents", "images", "search", "admin", "embeds", "sites", ""]
    contrib = ["contenttypes", "auth", "sessions", "messages", "staticfiles"]
    settings.configure(
        DEBUG=False,
        SECRET_KEY="bench",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF="wagtail_peer.urls",
        INSTALLED_APPS=["wagtail_peer", *(f"wagtail.{name}".rstrip(".") for name in wagtail), "taggit", "modelcluster"]
        + [f"django.contrib.{name}" for name in contrib],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
            "django.middleware.security.SecurityMiddleware",
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.contrib.auth.context_processors.auth",
                        "django.contrib.messages.context_processors.messages",
                    ]
                },
            }
        ],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": f"{folder}/peer.sqlite3"}},
        STATIC_URL="/static/",
        WAGTAIL_SITE_NAME="Peer",
        WAGTAILADMIN_BASE_URL="http://localhost",
        MIGRATION_MODULES={"wagtail_peer": "peer_migrations"},
        LANGUAGE_CODE="zh-hans",
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        LOGGING_CONFIG=None,
    )
    migrations = Path(folder) / "peer_migrations"
    migrations.mkdir()
    (migrations / "__init__.py").touch()
    sys.path.insert(0, folder)
    django.setup()


def fill(pages: int, people: int, texts: list[str]) -> None:
    """The group's pages and people."""
    from django.contrib.auth.models import Group, Permission, User
    from wagtail.models import GroupPagePermission, Page, Site

    from wagtail_peer.models import LessonPage

    draw = random.Random(7)
    enter = Permission.objects.get(codename="access_admin")
    root = Page.objects.get(depth=1)
    root.get_children().delete()
    root = Page.objects.get(depth=1)
    group_page = root.add_child(instance=Page(title="集团", slug="group"))
    Site.objects.create(hostname="localhost", root_page=group_page, is_default_site=True)
    folders, groups = {}, {}
    for campus in range(4):
        campus_page = group_page.add_child(instance=Page(title=f"第{campus}校区", slug=f"c{campus}"))
        for number, subject in enumerate(SUBJECTS):
            key = campus, number
            folders[key] = campus_page.add_child(instance=Page(title=subject, slug=f"s{number}"))
            groups[key] = Group.objects.create(name=f"第{campus}校区{subject}组")
            groups[key].permissions.add(enter)
            for allowed in ("add", "change", "publish"):
                permission = Permission.objects.get(content_type__app_label="wagtailcore", codename=f"{allowed}_page")
                GroupPagePermission.objects.create(group=groups[key], page=folders[key], permission=permission)
    users = [User(username=f"教师{number}", first_name=f"教师{number}", is_active=True) for number in range(people)]
    User.objects.bulk_create(users)
    keys = sorted(folders)
    for number, user in enumerate(users):
        user.groups.add(groups[keys[number % len(keys)]])
    for number in range(pages):
        owner = number % people
        folders[keys[owner % len(keys)]].add_child(
            instance=LessonPage(
                title=f"第{number}课",
                slug=f"p{number}",
                owner=users[owner],
                subject=SUBJECTS[owner % 6],
                state=draw.choice(STATES),
                minutes=40,
                body=texts[number % len(texts)],
            )
        )


def median(requests: int, ask: Callable[[int], tuple[object, str]]) -> tuple[float, float]:
    """Median milliseconds that `requests` requests take: of the processor, and by the clock."""
    computed, waited = [], []
    for number in range(requests + 3):
        client, path = ask(number)
        processor, clock = time.thread_time(), time.perf_counter()
        answer = client.get(path)  # type: ignore[attr-defined]
        computed.append((time.thread_time() - processor) * 1000)
        waited.append((time.perf_counter() - clock) * 1000)
        if answer.status_code != 200:
            raise SystemExit(f"{path} answered {answer.status_code}")
    return statistics.median(computed[3:]), statistics.median(waited[3:])


def main() -> None:
    """Fill a database, ask for the pages, print the rows of a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plans", type=int, default=2000)
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--requests", type=int, default=60)
    given = parser.parse_args()
    sys.path.insert(0, str(HERE.parent))
    with tempfile.TemporaryDirectory() as folder:
        set_up(folder)
        from django.contrib.auth.models import User
        from django.core.management import call_command
        from django.db import transaction
        from django.test import Client
        from wagtail import __version__

        from wagtail_peer.models import LessonPage

        call_command("makemigrations", "wagtail_peer", verbosity=0)
        call_command("migrate", verbosity=0)
        with transaction.atomic():
            fill(given.plans, given.people, json.load(sys.stdin))
        people = list(User.objects.order_by("id")[: given.requests + 3])
        clients = [Client() for _ in people]
        for client, person in zip(clients, people, strict=True):
            client.force_login(person)
        mine = {page.owner_id: page for page in LessonPage.objects.select_related("owner")}
        own = [mine[person.id] for person in people]
        paths = {
            "home": lambda page: "/admin/",
            "list, one folder": lambda page: f"/admin/pages/{page.get_parent().id}/",
            "list, searched in all": lambda page: "/admin/pages/search/?q=1",
            "reading": lambda page: page.get_url(),
            "writing": lambda page: f"/admin/pages/{page.id}/edit/",
        }
        print(f"Wagtail {__version__}")
        for name, path in paths.items():
            asked = [path(page) for page in own]
            computed, waited = median(given.requests, lambda number, asked=asked: (clients[number], asked[number]))
            print(f"| {name} | {computed:.1f} | {waited:.1f} |", flush=True)


if __name__ == "__main__":
    main()
