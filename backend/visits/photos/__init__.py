"""Photos of visits: declared by entries, read safely, stored by content, compared with earlier ones."""
