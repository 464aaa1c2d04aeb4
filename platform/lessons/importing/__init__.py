"""Reads lesson plans that people wrote elsewhere: `.docx` and `.md` files into sections and steps."""

from lessons.importing.files import Imported, read_plan_file

__all__ = ["Imported", "read_plan_file"]
