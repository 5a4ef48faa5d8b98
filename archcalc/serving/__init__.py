"""The page with an editor: what is typed is computed as it is typed.

``answering`` turns a text into what the page shows; ``application`` is a server on this machine alone, and
``exporting`` a folder in which a browser does the same with Python of its own.
"""
