"""Where a name may go: the four choices, the audiences, and the one pure function of law 3.

Every page, export, feed, PDF and mail that shows a signatory asks `shown` first.
"""
