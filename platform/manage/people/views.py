"""Pages: People: the list, a person's card, postings, honours and roles."""

from flask import Blueprint

pages = Blueprint("people", __name__)
