"""The text of a lesson plan: its parts, and the one place that turns it from one form into another.

`content` holds a plan as plain Python values; `document` turns it into the shared Y document and back, `markdown`
into Markdown and back, `reading` into safe HTML for pages.
"""
