"""Pages: Campuses with their profile and rooms, divisions, departments and committees."""

from flask import Blueprint

pages = Blueprint("organisation", __name__)
