"""The inbox: what comes in by mail, stored first and sorted afterwards.

A message is kept as it came (`storage`, from `fetching` or a pipe) before anybody looks into it. `sorting` tells
reports, automatic answers, witness copies and letters apart: reports settle mails and stop addresses (`reports`,
`bounces`), the mail server's own log settles what reports don't (`relay_log`, `log_reading`), and letters wait for the
stage that they answer.
"""
