"""Built-in mapping files."""
