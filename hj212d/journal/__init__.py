"""The journal room: append-only checksummed segments, group commit, readers. Bytes only."""
