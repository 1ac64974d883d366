"""Ways to people, a file each: what goes over the wire, and what the answer means."""
