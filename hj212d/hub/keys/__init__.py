"""SM4 keys of instruments (HJ 212-2025, 6.4) and activation of new ones (CN 1001, 1002)."""
