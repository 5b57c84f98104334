"""The command `cielr`, one file a command.

In: the words of a command line. Out: files, sentences and an exit code. Open `main.py` first.
"""
