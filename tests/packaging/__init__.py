"""What the service is shipped as."""
