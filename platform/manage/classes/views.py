"""Pages: Classes with their pupils, prep groups, and moving up a school year."""

from flask import Blueprint

pages = Blueprint("classes", __name__)
