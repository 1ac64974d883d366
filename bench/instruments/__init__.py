"""Believable instruments, sans-IO: what they measure, what they send, how they wait."""
