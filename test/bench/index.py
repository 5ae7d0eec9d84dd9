"""HNSW by hnswlib's own Python binding, on the vectors and queries that the benchmark has written down."""
import json
import os
import sys
import time
from importlib.metadata import version

try:
    import hnswlib
    import numpy as np
except ImportError as problem:
    print(json.dumps({"absent": str(problem)}))
    sys.exit(0)

rows_file, queries_file, truth_file, kept, dim, m, ef_construction, ef, k, threads = sys.argv[1:]
dim, m, ef_construction, ef, k, threads = map(int, (dim, m, ef_construction, ef, k, threads))
rows = np.fromfile(rows_file, dtype=np.float32).reshape(-1, dim)
queries = np.fromfile(queries_file, dtype=np.float32).reshape(-1, dim)
truth = np.fromfile(truth_file, dtype=np.int32).reshape(-1, k)

# Equally long rows, as in src/serving/index/hnswBuild.ts.
squares = (rows * rows).sum(axis=1)
rows = np.hstack([rows, np.sqrt(np.maximum(squares.max() - squares, 0))[:, None]])
queries = np.hstack([queries, np.zeros((len(queries), 1), dtype=np.float32)])

index = hnswlib.Index(space="ip", dim=dim + 1)
if os.path.exists(kept):
    index.load_index(kept, max_elements=len(rows))
    with open(kept + ".seconds") as file:
        build = float(file.read())
else:
    index.init_index(max_elements=len(rows), ef_construction=ef_construction, M=m, random_seed=1)
    # Of all threads together, so that it stands beside what one thread takes.
    start = time.process_time()
    index.add_items(rows, num_threads=threads)
    build = time.process_time() - start
    if kept:
        with open(kept + ".seconds", "w") as file:
            file.write(str(build))
        index.save_index(kept)
index.set_ef(ef)


def rate(count):
    """On one thread by the time of the processor, as the indexes beside it are measured."""
    now = time.process_time if count == 1 else time.perf_counter
    index.knn_query(queries[:20], k=k, num_threads=count)
    start, done = now(), 0
    while now() - start < 1:
        index.knn_query(queries, k=k, num_threads=count)
        done += len(queries)
    return done / (now() - start)


found, _ = index.knn_query(queries, k=k, num_threads=1)
hits = sum(len(set(a) & set(b)) for a, b in zip(found.tolist(), truth.tolist()))
print(json.dumps({
    "version": version("hnswlib"),
    "build": build,
    "recall": hits / truth.size,
    "one": rate(1),
    "all": rate(threads),
}))
