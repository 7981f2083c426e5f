"""Networks: autonomous groups, their members and mandates."""
