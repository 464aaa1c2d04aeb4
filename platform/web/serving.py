"""How requests come in: the proxy in front of us is believed as far as the settings say, each request has an id and a line in the log."""

import logging
import re
import secrets
from time import perf_counter

from flask import Flask, g, request
from flask.wrappers import Response
from werkzeug.middleware.proxy_fix import ProxyFix

from foundation.config import Settings

log = logging.getLogger(__name__)

_SANE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}\Z")


def set_up(app: Flask) -> None:
    """Number and log the requests of `app`. Called first, so that its line is written last."""
    settings: Settings = app.config["SETTINGS"]
    proxies = settings.trusted_proxies
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)  # type: ignore[method-assign]

    @app.before_request
    def begin() -> None:
        g.began = perf_counter()
        g.request_id = _request_id(believe_header=proxies > 0)

    @app.after_request
    def end(answer: Response) -> Response:
        answer.headers["X-Request-ID"] = g.request_id
        # the query is left out: it can hold what people typed; files of ours are of interest to developers only
        log.log(
            logging.DEBUG if request.endpoint == "static" else logging.INFO,
            "request",
            extra={
                "method": request.method,
                "path": request.path,
                "status": answer.status_code,
                "ms": round((perf_counter() - g.began) * 1000, 1),
                "person": g.get("person_id", "-"),
            },
        )
        return answer


def _request_id(believe_header: bool) -> str:
    given = request.headers.get("X-Request-ID", "")
    return given if believe_header and _SANE_ID.match(given) else secrets.token_hex(8)
