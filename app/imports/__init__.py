"""How a list comes into the directory: uploaded, its columns named, looked through row by row, and applied.

An import is uploaded → mapped → applied, or discarded. Nothing reaches the directory before it is applied, in one
transaction. The uploaded file and what was decided about its rows are sealed, and deleted once it is over.

Before it stand `sheets` (what was uploaded, as rows) and `directory` (where the entries go, and how two are told to be
of one person); after it `invitations`.
"""
