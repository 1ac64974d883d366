"""Puts this folder on the import path, so that all tests can share the helpers here.

A shell that starts the suite in the background has Ctrl-C ignored, and so would every daemon that
a test starts and ends with it: here it is as in a terminal, whoever starts the suite.
"""

import signal

signal.signal(signal.SIGINT, signal.default_int_handler)
