"""All that stands behind a posted document, as it stood; and whether it still does."""
