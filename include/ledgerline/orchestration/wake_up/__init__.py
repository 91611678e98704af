"""What wakes a DAG outside its schedule."""
