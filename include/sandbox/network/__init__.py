"""Who and what there is: facilities, departments, cost centres, payers, items."""
