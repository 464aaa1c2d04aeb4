"""Timetables out of workbooks: class sheets of weekdays and periods, or lists with one lesson in a row."""
