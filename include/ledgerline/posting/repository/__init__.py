"""The only place of posting that speaks SQL: planning, and the workers' outbox."""
