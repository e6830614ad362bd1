"""What every stage stands on: database, clock, sealing, links, errors, locales, paging. No domain."""
