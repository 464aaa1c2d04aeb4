"""The same lesson in several classrooms: when it is, its room, and what is kept of it."""
