"""The bundled EHR extract and the tables that complete it."""
