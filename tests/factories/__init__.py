"""Factories, one module a stage: they need a session and nothing else, and name states (`opened=True`)."""
