"""Questions of air quality over what was received: AQI, evaluation, ranking.

Built on `hj212d/hub/means/` (averages) and `aqi/` (judgement); it holds no data of its own.
"""
