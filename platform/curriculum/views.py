"""Pages of the textbook tree."""

from flask import Blueprint

pages = Blueprint("curriculum", __name__, template_folder="templates")
