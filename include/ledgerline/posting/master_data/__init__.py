"""The ERP's master data, mirrored: a document that names a code it lacks waits here."""
