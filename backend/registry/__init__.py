"""Firms, owners, sites, elevators, contracts, crews, technicians; import and export."""
