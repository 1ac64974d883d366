"""The listener room: connections, sessions per MN, limits, replies after durability."""
