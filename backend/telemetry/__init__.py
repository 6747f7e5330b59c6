"""What elevators report: messages, their intake, usage per hour."""
