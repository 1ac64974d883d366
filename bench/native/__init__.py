"""Load generator and yardstick in C: fast enough that the server is what is measured."""
