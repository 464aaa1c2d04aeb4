"""What is kept of a session's sound and pictures, and playing it again."""
