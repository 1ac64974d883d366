"""The browser pages: a thin Flask application over the hub's live state and the store."""
