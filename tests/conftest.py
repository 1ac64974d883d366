"""Puts this folder on the import path, so that all tests can share the helpers here.

A shell that starts the suite in the background has Ctrl-C ignored, and so would every daemon that
a test starts and ends with it: here it is as in a terminal, whoever starts the suite. No example
of a property has to be quick: the machine may be busy with other things. Registries are: see
quick_registry.py.
"""

import signal

import quick_registry
from hypothesis import HealthCheck, settings

signal.signal(signal.SIGINT, signal.default_int_handler)
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")
quick_registry.install()
