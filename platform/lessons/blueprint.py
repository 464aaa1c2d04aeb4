"""The blueprint of all pages of lesson plans."""

from flask import Blueprint

pages = Blueprint("lessons", __name__, template_folder="templates", url_prefix="/plans")
