"""Maps for the API: what may be wished for. They are drawn by `hj212d map` in a child process."""
