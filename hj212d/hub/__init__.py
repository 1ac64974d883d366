"""The hub room: the one process behind the listeners; ingest, live state, control socket, HTTP."""
