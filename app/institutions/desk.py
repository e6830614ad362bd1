"""What a later stage puts up on the pages of institutions: where lists of offices come in."""

IMPORT_OFFICES = "a list's way into institutions"  # the place of a later stage's page
