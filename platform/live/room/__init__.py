"""What happens while a session is held."""
