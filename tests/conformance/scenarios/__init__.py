"""What takes more than one request: functions of a server that fail by an assertion."""
