"""When lessons are: terms and teaching weeks, holidays, bells, the timetable of every class, and what changes on a day."""
