"""What is checked before numbers become public, and the gate that decides on it.

`sources` judges what landed, `candidates` runs the suites over what was built,
`dbt_results` takes over dbt's tests; `gate` turns them into one verdict about exactly
the rows that were checked.
"""
