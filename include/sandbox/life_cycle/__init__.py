"""The life of a claim: what is sent, how it is acknowledged, answered and corrected."""
