"""Manage: terms and holidays, bells, the timetables of classes, and what changes on a day."""
