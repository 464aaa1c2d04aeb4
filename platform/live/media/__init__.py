"""How sound and pictures travel between the classrooms of a session."""
