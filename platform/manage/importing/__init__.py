"""Bringing people, classes and textbooks in from Excel files and OneRoster, and out again."""
