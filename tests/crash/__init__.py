"""What is left after every part has been killed at every point: tests that try to lose or to double a mail."""
