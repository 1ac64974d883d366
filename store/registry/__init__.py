"""The registry room: devices, keys, commands and what people decide, in a relational database."""
