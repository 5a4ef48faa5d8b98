"""The screens of the commands: their tables, the folding of rows, and the foots."""
