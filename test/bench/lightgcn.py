"""LightGCN with the in-batch softmax loss in PyTorch over CSR: the same algorithm as ours, for side-by-side timing.

Usage: lightgcn.py FOLDER STEPS   (FOLDER holds meta.json, offsets.i32, indices.i32, weights.f32, users.i32, items.i32)
Prints one JSON object: seconds of a sparse product, of scoring with top-20, and of a training step.
"""

import json
import sys
import time
import warnings

import numpy as np
import torch

warnings.filterwarnings("ignore", message="Sparse CSR tensor support")
folder, steps = sys.argv[1], int(sys.argv[2])
meta = json.load(open(f"{folder}/meta.json"))
torch.set_num_threads(meta["threads"])
torch.manual_seed(meta["seed"])
nodes, users, dim, batch, group = meta["nodes"], meta["users"], meta["dim"], meta["batchSize"], meta["negativeGroup"]


def read(name, dtype):
    return torch.from_numpy(np.fromfile(f"{folder}/{name}", dtype=dtype))


adjacency = torch.sparse_csr_tensor(
    read("offsets.i32", np.int32), read("indices.i32", np.int32), read("weights.f32", np.float32), (nodes, nodes)
)
pair_users, pair_items = read("users.i32", np.int32).long(), read("items.i32", np.int32).long()


class Propagate(torch.autograd.Function):
    """The matrix is symmetric, so the gradient is the same product."""

    @staticmethod
    def forward(ctx, x):
        return adjacency @ x

    @staticmethod
    def backward(ctx, gradient):
        return adjacency @ gradient


table = torch.empty(nodes, dim)
torch.nn.init.xavier_uniform_(table[:users])
torch.nn.init.xavier_uniform_(table[users:])
table.requires_grad_()
adam = torch.optim.Adam([table], lr=meta["learningRate"])
order = torch.randperm(len(pair_users))


def step(number):
    chosen = order[number * batch : (number + 1) * batch]
    u, i = pair_users[chosen], pair_items[chosen]
    vectors = (table + Propagate.apply(table)) / 2
    left = torch.nn.functional.normalize(vectors[u])
    right = torch.nn.functional.normalize(vectors[users + i])
    loss = 0.0
    for start in range(0, len(u), group):
        part = slice(start, start + group)
        logits = left[part] @ right[part].T / meta["temperature"]
        same = i[part][:, None] == i[part][None, :]
        same.fill_diagonal_(False)
        logits = logits.masked_fill(same, float("-inf"))
        target = torch.arange(logits.shape[0])
        loss = loss + torch.nn.functional.cross_entropy(logits, target, reduction="sum")
    loss = loss / len(u)
    loss = loss + meta["l2"] * 0.5 * (table[u].square().sum() + table[users + i].square().sum()) / len(u)
    adam.zero_grad()
    loss.backward()
    adam.step()
    return float(loss)


def timed(run, repeats):
    run()
    taken = []
    for _ in range(repeats):
        started = time.perf_counter()
        run()
        taken.append(time.perf_counter() - started)
    return float(np.median(taken))


result = {"torch": torch.__version__}
with torch.no_grad():
    x = torch.randn(nodes, dim)
    result["spmm"] = timed(lambda: adjacency @ x, 15)
    asked, items = x[:2048], x[users:]
    result["scoring"] = timed(lambda: torch.topk(asked @ items.T, 20), 5)
for number in range(3):
    step(number)
started = time.perf_counter()
for number in range(3, 3 + steps):
    step(number)
result["step"] = (time.perf_counter() - started) / steps
print(json.dumps(result))
