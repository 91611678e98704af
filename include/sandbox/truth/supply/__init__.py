"""Truth of supplies: what cases used against their cards, and what was lost."""
