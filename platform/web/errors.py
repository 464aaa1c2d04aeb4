"""The one place where refusals and HTTP errors become pages, JSON and socket answers, in plain words."""

import logging
import secrets
from typing import Any

from flask import Flask, g, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from foundation.database import db
from foundation.errors import Conflict, Invalid, NotAllowed, NotFound, Refusal, SignedOut, TooMany
from schools import kept
from schools.sign_in_views import resume_page, signed_out_page
from schools.signing_in import current_person

log = logging.getLogger(__name__)

STATUS = {NotFound: 404, NotAllowed: 403, SignedOut: 401, Invalid: 422, Conflict: 409, TooMany: 429}


_LAST_RESORT = """<!doctype html>
<html lang="zh-CN"><meta charset="utf-8"><title>同课</title><meta name="viewport" content="width=device-width">
<h1>我们这边出了问题</h1><p>已经保存的内容不受影响。请稍后再试；仍不行时，把编号 {number} 告诉管理员。</p>
<p lang="en">Something went wrong on our side. What was saved is safe. Please try again later; if it stays so, tell your
administrator the number {number}.</p></html>
"""


def refusal_as_dict(refusal: Refusal) -> dict[str, Any]:
    """A refusal as sockets and JSON say it: `error` for programs, `message` for people, and what else it carries."""
    said: dict[str, Any] = {"error": refusal.code, "message": refusal.message}
    if isinstance(refusal, Invalid):
        said["fields"] = refusal.fields
    if isinstance(refusal, TooMany):
        said["seconds"] = refusal.seconds
    return said


def set_up(app: Flask) -> None:
    """Let every refusal and error of `app` end as an answer in plain words."""
    app.register_error_handler(Refusal, _answer_refusal)
    app.register_error_handler(CSRFError, _answer_stale_form)
    app.register_error_handler(HTTPException, _answer_http_error)
    app.register_error_handler(Exception, _answer_failure)


def _asks_api() -> bool:
    return request.path.startswith("/api/")


def _wants_json() -> bool:
    if _asks_api():
        return True
    accepted = request.accept_mimetypes
    return request.is_json or accepted["application/json"] > accepted["text/html"]


def _answer(status: int, title: str, message: str, said: dict[str, Any]) -> ResponseReturnValue:
    if _asks_api():
        return _problem(status, title, message, said)
    if _wants_json():
        return jsonify(said), status
    return render_template("web/error.html", status=status, title=title, message=message, said=said), status


def _problem(status: int, title: str, message: str, said: dict[str, Any]) -> ResponseReturnValue:
    """As RFC 9457 has it, for other tools."""
    more = {name: value for name, value in said.items() if name not in ("error", "message")}
    answer = jsonify(title=title, status=status, detail=message, code=said["error"], **more)
    answer.mimetype = "application/problem+json"
    return answer, status


def _answer_refusal(refusal: Refusal) -> ResponseReturnValue:
    db.session.rollback()
    status = STATUS.get(type(refusal), 400)
    log.info("refused", extra={"code": refusal.code, "status": status, "path": request.path})
    answer = make_response(_answer(status, _title(status), refusal.message, refusal_as_dict(refusal)))
    if isinstance(refusal, SignedOut) and request.method == "GET" and not _wants_json():
        answer = make_response(redirect(url_for("schools.sign_in", next=request.full_path.rstrip("?"))))
    form = kept.sent_form() if isinstance(refusal, SignedOut) and not _wants_json() else None
    if form:
        sentence = gettext("登录已经结束。请重新登录，刚才填写的内容会接着提交。")
        answer = make_response(signed_out_page(form, sentence), status)
    if isinstance(refusal, TooMany):
        answer.headers["Retry-After"] = str(refusal.seconds)
    return answer


def _answer_stale_form(error: CSRFError) -> ResponseReturnValue:
    log.info("refused", extra={"code": "stale_form", "status": 400, "path": request.path})
    message = gettext("这个页面放得太久，或者您在别处换了账号，刚才的提交没有生效。请返回上一页，刷新后再试。")
    form = kept.sent_form() if not _wants_json() else None
    if form and current_person():
        return resume_page(form, gettext("这个页面放得太久，刚才的提交没有生效。请看一遍再提交。")), 400
    if form:
        return signed_out_page(form, gettext("登录已经结束。请重新登录，刚才填写的内容会接着提交。")), 400
    return _answer(400, _title(400), message, {"error": "stale_form", "message": message})


def _answer_http_error(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if status < 400:
        return error
    log.info("refused", extra={"code": error.name, "status": status, "path": request.path})
    message = _message(status)
    return _answer(status, _title(status), message, {"error": f"http_{status}", "message": message})


def _answer_failure(error: Exception) -> ResponseReturnValue:
    number = g.get("request_id") or secrets.token_hex(8)
    log.exception("a request failed", extra={"path": request.path})
    db.session.rollback()
    try:
        message = _message(500)
        return _answer(500, _title(500), message, {"error": "failed", "message": message, "request": number})
    except Exception:  # the page itself cannot be written: no database, or nothing built
        log.exception("the page that says so failed too")
        return _LAST_RESORT.format(number=number), 500


def _title(status: int) -> str:
    titles = {
        400: gettext("这次提交没有生效"),
        401: gettext("请先登录"),
        403: gettext("您不能做这一步"),
        404: gettext("没有找到这个页面"),
        405: gettext("这个地址不能直接打开"),
        409: gettext("内容已经变了"),
        413: gettext("文件太大"),
        422: gettext("填写的内容有误"),
        429: gettext("请稍等一下"),
        500: gettext("我们这边出了问题"),
    }
    return titles.get(status, gettext("这一步没有完成"))


def _message(status: int) -> str:
    messages = {
        404: gettext("没有找到，或者您无权查看。"),
        405: gettext("请从页面上的按钮进入。"),
        413: gettext("上传的文件超过了大小限制，没有保存。请压缩或拆分后再传。"),
        429: gettext("操作太频繁，请过一会儿再试。"),
        500: gettext("刚才的操作可能没有完成，已经保存的内容不受影响。请稍后再试；仍不行时，把下面的编号告诉管理员。"),
    }
    return messages.get(status, gettext("刚才的请求无法处理。请返回上一页再试。"))
