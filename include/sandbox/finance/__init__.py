"""What the ERP was told by others: accounts, payroll, overhead, opening balances."""
