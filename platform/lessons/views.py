"""Pages of lesson plans: lists, reading, printing, making, sharing. Thin: rights and work are elsewhere."""

from flask import Blueprint

pages = Blueprint("lessons", __name__, template_folder="templates")
