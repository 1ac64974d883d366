"""Waste water measured online: which values count, means by flow, what is discharged (HJ 356)."""
