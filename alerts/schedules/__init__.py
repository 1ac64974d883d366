"""What is told by the clock: rankings, summaries, reviews of plans. Pure: periods and contents.

Who asks and who keeps is `hj212d/hub/schedules/`.
"""
