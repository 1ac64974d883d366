"""Rules: what is looked for, of whom, with which figures. Nothing is judged here."""
