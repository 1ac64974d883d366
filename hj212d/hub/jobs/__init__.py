"""Jobs that a child process does: reports, exports, maps. The hub only starts, watches, keeps.

Heavy libraries are never imported here. Tests: tests/hub/jobs/.
"""
