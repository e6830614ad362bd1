FLASK_APP=deploy/commands.py:create_cli_app
