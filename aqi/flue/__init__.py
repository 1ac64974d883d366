"""Flue gas: states, reference oxygen, emission amounts and their make-up (HJ 75, HJ 76, GB 13271,
GB 13223)."""
