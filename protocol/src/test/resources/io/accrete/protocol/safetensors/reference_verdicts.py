"""Says of each file of a batch whether the reference implementation takes it.

The batch is a sequence of (u32 length, bytes); the answer is one line per file: ok or the error.
"""
import struct
import sys

from safetensors import deserialize

batch = open(sys.argv[1], "rb").read()
at = 0
while at < len(batch):
    (length,) = struct.unpack_from("<I", batch, at)
    at += 4
    try:
        deserialize(batch[at : at + length])
        print("ok")
    except Exception as e:
        print("refused", str(e).replace("\n", " ")[:200])
    at += length
