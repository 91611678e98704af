"""Who and what there is: facilities, departments, cost centers, payers, items."""
