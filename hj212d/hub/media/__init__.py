"""Questions about media other than ambient air: readings against limits, emissions, water classes.

Built on `hj212d/hub/means/` (averages) and `aqi/` (formulas, limits); it holds no data of its own.
"""
