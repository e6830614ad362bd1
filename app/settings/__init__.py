"""How `config.py` reads its values: a file as systemd reads it, servers' URLs, and what is wrong with a value.

It knows no other room, and no stage knows it: stages are handed what they need (`app.base.ports`, `app.base.parts`).
"""
