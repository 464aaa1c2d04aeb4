"""The blueprint of the pages that schedule sessions."""

from flask import Blueprint

pages = Blueprint("live", __name__, template_folder="templates", url_prefix="/live")
