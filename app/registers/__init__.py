"""Registers of offices and their holders: how a list of them becomes institutions, recipients and groups of recipients.

A register is uploaded → mapped → applied, or discarded, as an import of signatories is, and only who began it sees it.
Nothing is written before it is applied, in one transaction; what it changes of an institution that campaigns use is a
proposal to them, as if it had been typed.

Before it stand `imports` (which guesses what columns hold) and `institutions` (where all of it is written).
"""
