"""The sans-IO protocol room: cut, check, parse and build HJ 212 frames. No socket, no clock."""
