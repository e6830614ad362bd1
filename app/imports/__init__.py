"""How a list comes into the directory: uploaded, its columns named, looked through row by row, and applied.

An import is uploaded → mapped → applying → applied, or discarded; an applied one can be undone for a while. Nothing
reaches the directory before it is applied. Short lists are written in one transaction, long ones in portions in the
background (`jobs`). The uploaded file and what was decided about its rows are sealed, and deleted once it is over; rows
that were left out, and what an undo needs, are kept sealed for some time (`blocks`).

Before it stand `sheets` (what was uploaded, as rows) and `directory` (where the entries go, and how two are told to be
of one person); after it `invitations`.
"""
