"""The signatory's own pages: sign, decline, ask for a change, manage, withdraw.

States: signed → withdrawn; a withdrawn signature can be given again until closing. A change of how it
appears is in force, or waits for its owner's yes by mail or for a coordinator; then taken back, refused or lapsed. A
signature names version and language by hash (law 2). It is tied to its signatory by a keyed index only, so that the raw
database does not tell who stands behind a hidden one. GET never changes anything (law 1). Neighbours: stands on
invitations; counts and appeals pull from it.
"""
