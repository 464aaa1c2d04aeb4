"""Pages: Bringing people, classes and textbooks in from Excel files and OneRoster, and out again."""

from flask import Blueprint

pages = Blueprint("importing", __name__)
