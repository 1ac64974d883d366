"""Reports: from tables of answers to a document, and from a document to a file of any format.

`building.py` makes the document (pure), `formats/` has a file a format. Nothing here asks a store.
"""
