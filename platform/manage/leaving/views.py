"""Pages: A school leaves its group and takes its data along."""

from flask import Blueprint

pages = Blueprint("leaving", __name__)
