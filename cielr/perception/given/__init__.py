"""Things that somebody else found, out of their files: masks as pictures, label maps, annotations, boxes.

In: files and a photo. Out: a scene, with no look at the photo but for colours and sizes. Open `scene.py` first.
"""
