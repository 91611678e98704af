"""The hospital as files: X12, reference tables, inputs of the ERP."""
