"""Two scans, a checklist and findings become a record that the owner confirms."""
