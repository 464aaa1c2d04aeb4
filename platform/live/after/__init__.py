"""What is on the page when the bell has rung: attendance, notes, patrols."""
