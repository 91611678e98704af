"""What the workflow-health page shows beside the exceptions, and what it notes."""
