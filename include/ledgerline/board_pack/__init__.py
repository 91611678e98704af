"""The monthly board pack: what readers were shown, on four pages, without small cells.

`write.write_pack` reads one publication and writes the same pack as HTML and PDF.
"""
