"""Pages: Who did what, why somebody may see something, and seeing the product as somebody else."""

from flask import Blueprint

pages = Blueprint("rights", __name__)
