"""What only a real server process can show."""
