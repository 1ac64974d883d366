"""Views: the tables that a section of a report can show, each made of one table of answers."""
