"""What runs inside the other servers, with stand-ins for their frameworks."""
