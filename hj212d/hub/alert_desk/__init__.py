"""What people do about alerts: rules, incidents, contacts, messages, cases."""
