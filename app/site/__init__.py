"""What readers see over all stages; reads only, without cookies: campaigns, statements, signatories, verification."""
