"""Lesson plans, and writing them together."""
