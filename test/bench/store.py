"""A step on an embedding table in PyTorch: nn.Embedding(sparse=True) with SparseAdam, on the ids that store.bench.ts wrote."""
import json
import statistics
import sys
import time

import numpy as np
import torch

folder = sys.argv[1]
meta = json.load(open(f"{folder}/meta.json"))
torch.set_num_threads(meta["threads"])
dim, batch, steps = meta["dim"], meta["batch"], meta["steps"]
gradient = torch.full((batch, dim), 0.01)
seconds = {}
for rows in meta["rows"]:
    started = time.perf_counter()
    table = torch.nn.Embedding(rows, dim, sparse=True)
    seconds[f"initial {rows}"] = time.perf_counter() - started
    optimizer = torch.optim.SparseAdam(table.parameters(), lr=1e-3)
    for case in meta["cases"]:
        if case["rows"] != rows:
            continue
        ids = torch.from_numpy(np.fromfile(f"{folder}/{case['file']}", dtype=np.int32).reshape(steps, batch)).long()
        taken = []
        for step in range(steps):
            started = time.perf_counter()
            optimizer.zero_grad()
            table(ids[step]).backward(gradient)
            optimizer.step()
            taken.append(time.perf_counter() - started)
        seconds[case["name"]] = statistics.median(taken[2:])
print(json.dumps(seconds))
