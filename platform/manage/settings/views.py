"""Pages: What administrators set for their group."""

from flask import Blueprint

pages = Blueprint("settings", __name__)
