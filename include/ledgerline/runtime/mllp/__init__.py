"""The HL7 listener as a process: `ledgerline listen`."""
