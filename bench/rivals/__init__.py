"""Servers of HJ 212 as they are commonly written, to measure ours against their ways.

Written here, as small as such servers are; none is a copy of anybody's program.
"""
