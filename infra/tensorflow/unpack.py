"""Takes out of wheels what TensorFlow's C library needs: `unpack.py FOLDER WHEEL...`

FOLDER/lib      libtensorflow_cc.so.2, libtensorflow_framework.so.2
FOLDER/include  the headers of the C API
FOLDER/nvidia   the CUDA libraries, where TensorFlow's own search path ($ORIGIN/../nvidia/*/lib) finds them

A wheel of TensorFlow holds 1.3 GB of which a third is Python's. Standard library alone, any Python 3.
"""

import os
import shutil
import sys
import zipfile

PLACES = {
    "tensorflow/libtensorflow_cc.so.2": "lib/libtensorflow_cc.so.2",
    "tensorflow/libtensorflow_framework.so.2": "lib/libtensorflow_framework.so.2",
}
HEADERS = (
    "tensorflow/include/tensorflow/c/",
    "tensorflow/include/tensorflow/core/platform/ctstring",
    "tensorflow/include/tsl/platform/ctstring",
    "tensorflow/include/xla/tsl/c/",
)


def place_of(name):
    """Where a member goes, relative to the folder; None where it is not needed."""
    if name in PLACES:
        return PLACES[name]
    if name.startswith(HEADERS) and name.endswith(".h"):
        return "include/" + name[len("tensorflow/include/") :]
    if name.startswith("nvidia/") and (".so" in name or name.endswith((".bc", "/ptxas"))):
        return name
    return None


def main(folder, wheels):
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            for member in archive.infolist():
                place = place_of(member.filename)
                if place is None or member.is_dir():
                    continue
                path = os.path.join(folder, *place.split("/"))
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with archive.open(member) as source, open(path, "wb") as target:
                    shutil.copyfileobj(source, target, 1 << 22)
                if place.endswith("/ptxas"):
                    os.chmod(path, 0o755)


main(sys.argv[1], sys.argv[2:])
