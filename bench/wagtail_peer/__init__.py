"""Wagtail with as many pages, people and rights as the measurement of our own pages: see `measure.py`."""
