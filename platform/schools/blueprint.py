"""The blueprint of all pages of this package: signing in, one's own account, the first visit."""

from flask import Blueprint

pages = Blueprint("schools", __name__, template_folder="templates")
