"""The products of sparse.bench.ts in PyTorch on the CPU. Arguments: folder of the matrix, width, threads, repeats. Prints seconds by name."""

import json
import os
import sys
import time
import warnings

import torch

warnings.filterwarnings("ignore")
folder, dim, threads, repeats = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
torch.set_num_threads(threads)


def read(name, dtype):
    path = os.path.join(folder, name)
    return torch.from_file(path, size=os.path.getsize(path) // 4, dtype=dtype)


offsets, indices, weights = read("offsets", torch.int32), read("indices", torch.int32), read("weights", torch.float32)
rows = offsets.numel() - 1
csr = torch.sparse_csr_tensor(offsets, indices, weights, (rows, rows))
coo = csr.to_sparse_coo().coalesce()
x = torch.randn(rows, dim)


class Symmetric(torch.autograd.Function):
    """PyTorch turns a CSR matrix around at every step for the gradient, which a symmetric one does not need."""

    @staticmethod
    def forward(context, matrix, x):
        context.matrix = matrix
        return matrix @ x

    @staticmethod
    def backward(context, gradient):
        return None, context.matrix @ gradient


def with_gradient(matrix):
    def run():
        rows = x.detach().requires_grad_()
        Symmetric.apply(matrix, rows).sum().backward()

    return run


def seconds(run):
    for _ in range(3):
        run()
    taken = []
    for _ in range(repeats):
        started = time.perf_counter()
        run()
        taken.append(time.perf_counter() - started)
    return sorted(taken)[repeats // 2]


print(
    json.dumps(
        {
            "forward csr": seconds(lambda: csr @ x),
            "forward coo": seconds(lambda: torch.sparse.mm(coo, x)),
            "gradient csr": seconds(with_gradient(csr)),
            "gradient coo": seconds(with_gradient(coo)),
        }
    )
)
