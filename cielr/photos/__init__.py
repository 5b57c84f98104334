"""Photos in and out of files, with all that belongs to them.

In: a file. Out: pixels with profile, EXIF, alpha; and back. Open `photo.py` first; `write.py` is the way back.
"""
