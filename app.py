"""Start here: builds the application and serves it. `python app.py` starts web and worker together."""

import gc
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT / "platform"))  # our source root, see README
gc.disable()  # what is imported stays: looking for rubbish in it took a quarter of the time to start

from a2wsgi import WSGIMiddleware
from flask import Flask
from flask_wtf import CSRFProtect

from curriculum import models as curriculum_models
from curriculum import views as curriculum_views
from foundation import jobs, realtime
from foundation.config import Settings
from foundation.database import db
from lessons import models as lesson_models
from lessons import sockets as lesson_sockets
from lessons import views as lesson_views
from library import models as library_models
from library import storage
from library import views as library_views
from library.storage import door
from live import models as live_models
from live.after import views as after_views
from live.recording import views as recording_views
from live.room import checking_views
from live.room import sockets as room_sockets
from live.room import views as room_views
from live.scheduling import finding_views, travel
from live.scheduling import views as scheduling_views
from manage import views as manage_views
from manage.classes import views as class_views
from manage.importing import views as importing_views
from manage.leaving import views as leaving_views
from manage.moving import views as moving_views
from manage.organisation import views as organisation_views
from manage.people import views as people_views
from manage.prep_groups import views as prep_group_views
from manage.rights import views as rights_views
from manage.settings import views as setting_views
from manage.slips import views as slip_views
from manage.timetables import ask_views
from manage.timetables import views as timetables_views
from notices import models as notice_models
from notices import views as notice_views
from schools import models as school_models
from schools import signing_in
from schools import views as school_views
from search import models as search_models
from search import service as search_service
from search import views as search_views
from search.api import views as search_api_views
from search.wording import views as synonym_views
from timetable import models as timetable_models
from timetable import pace_views
from timetable import views as timetable_views
from web import commands, errors, health, language, serving, shell
from web import views as web_views

gc.freeze()
gc.enable()

MODELS = (
    jobs,
    school_models,
    notice_models,
    curriculum_models,
    timetable_models,
    library_models,
    lesson_models,
    live_models,
    search_models,
)  # imported so that migrations see every table
PACKAGES = ("schools", "notices", "curriculum", "timetable", "library", "lessons", "manage", "live", "search", "web")
PAGES = (
    health,
    web_views,
    school_views,
    notice_views,
    curriculum_views,
    library_views,
    lesson_views,
    manage_views,
    people_views,
    organisation_views,
    class_views,
    moving_views,
    prep_group_views,
    importing_views,
    rights_views,
    setting_views,
    leaving_views,
    slip_views,
    timetable_views,
    pace_views,
    timetables_views,
    ask_views,
    checking_views,
    room_views,
    finding_views,
    travel,
    scheduling_views,
    after_views,
    recording_views,
    search_views,
    search_api_views,
    synonym_views,
)

PAGE_THREADS = 16
"""How many pages are made at the same time."""


def create_app(settings: Settings | None = None) -> Flask:
    """Build the application for `settings` (default: from the environment). Opens nothing outside itself."""
    settings = settings or Settings.from_environment()
    app = Flask(
        "tongke",
        root_path=str(ROOT),
        template_folder="platform/web/templates",
        static_folder="static/dist",
        static_url_path="/static/dist",
    )
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=settings.key(),
        SQLALCHEMY_DATABASE_URI=settings.database,
        SQLALCHEMY_ENGINE_OPTIONS={"pool_size": PAGE_THREADS + 8},  # sockets, the log and their watchers besides
        MAX_CONTENT_LENGTH=settings.upload_megabytes * 1024 * 1024,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        BABEL_DEFAULT_LOCALE="zh_Hans",
        BABEL_DEFAULT_TIMEZONE="Asia/Shanghai",
        BABEL_TRANSLATION_DIRECTORIES=";".join(str(ROOT / "platform" / name / "translations") for name in PACKAGES),
        WTF_CSRF_TIME_LIMIT=None,
    )
    serving.set_up(app)
    db.init_app(app)
    language.Words(app, locale_selector=language.chosen)  # type: ignore[no-untyped-call]
    csrf = CSRFProtect(app)
    csrf.exempt(library_views.take_part)  # its address is signed, and browsers send it to S3 just so
    csrf.exempt(notice_views.stop_mail)  # its address is signed, and mail programs send it just so
    storage.set_up(app)
    search_service.set_up(app)
    shell.set_up(app)
    errors.set_up(app)
    signing_in.set_up(app)
    for views in PAGES:
        app.register_blueprint(views.pages)
    app.cli.add_command(commands.backups)
    app.cli.add_command(commands.searches)
    app.cli.add_command(commands.storages)
    return app


def create_asgi(app: Flask) -> Any:
    """The whole as one ASGI application: Socket.IO in front, everything else to Flask."""
    server = realtime.create_server(app)
    lesson_sockets.register(server, app)
    room_sockets.register(server, app)
    pages = WSGIMiddleware(app, workers=PAGE_THREADS)  # type: ignore[arg-type]  # Flask is a WSGI app
    return realtime.around(server, door.around(app, pages))


def __getattr__(name: str) -> Any:
    """`app` for Flask's tools and `asgi` for servers, made when asked for: importing this file opens nothing."""
    if name == "app":
        return create_app()
    if name == "asgi":
        return create_asgi(create_app())
    raise AttributeError(name)


if __name__ == "__main__":
    sys.exit(commands.run(create_app, create_asgi))
