"""Commands to instruments: the ear that hears their replies, the service that sends them."""
