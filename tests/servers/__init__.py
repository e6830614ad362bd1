"""Real servers for the tests: PostgreSQL, SMTP, a browser and a PDF reader, each started when first asked for."""
