"""What the ERP holds on day one, made through Tryton's own API from the CSV files."""
