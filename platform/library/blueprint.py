"""The blueprint of all pages of this package: resources, uploads, previews, and the files of the local store."""

from flask import Blueprint

pages = Blueprint("library", __name__, template_folder="templates")
