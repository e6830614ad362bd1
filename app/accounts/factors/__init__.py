"""Second factors: codes of an app (TOTP), recovery codes, passkeys; what an organiser shows beside the password.

Everybody who has a second factor has an app's codes, since they work without JavaScript and in Tor Browser; passkeys
come besides. Recovery codes open when the app is lost. Neighbours: stands on accounts' models; sign-in, the guard and
the pages of one's account stand on it.
"""
