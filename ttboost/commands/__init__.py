"""One module for each group of commands. They import the program inside their functions: help stays quick."""
