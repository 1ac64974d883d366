"""From a message in the outbox to a person: words, channels, and when what is sent."""
