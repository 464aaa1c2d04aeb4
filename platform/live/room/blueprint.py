"""The pages of rooms: the doors and the screens."""

from flask import Blueprint

pages = Blueprint("live_room", __name__, template_folder="../templates", url_prefix="/live")
