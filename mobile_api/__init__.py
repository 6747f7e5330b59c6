"""HTTP and pages for passengers, technicians, managers, owners, regulators and devices."""
