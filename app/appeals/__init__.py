"""The frozen dossier: version, signatories by visibility, PDFs, annexes, letters, and the hashes of all of it.

States: assembled → approved → released; superseded by a newer assembly. Any change of any byte voids the approvals
(law 6). Neighbours: pulls from statements, signatures and counts; deliveries hand its letters over.
"""
