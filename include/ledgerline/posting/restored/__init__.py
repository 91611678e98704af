"""What a warehouse that was restored to an earlier time learns from the ERP."""
