"""The kernels of kernels.bench.ts in PyTorch on the CPU. Arguments: the cases as JSON, threads, repeats. Prints seconds by name."""

import json
import sys
import time

import torch
import torch.nn.functional as F


def product(case):
    a, b = torch.randn(*case["a"]), torch.randn(*case["b"])
    a = a.transpose(-1, -2) if case["transposeA"] else a
    b = b.transpose(-1, -2) if case["transposeB"] else b
    return lambda: a @ b


def unary(function):
    return lambda case: (lambda x: lambda: function(x))(torch.randn(*case["x"]))


def binary(case):
    a, b = torch.randn(*case["a"]), torch.randn(*case["b"])
    return lambda: a + b


def layer_norm(case):
    x, gamma, beta = torch.randn(*case["x"]), torch.ones(case["x"][-1]), torch.zeros(case["x"][-1])
    return lambda: F.layer_norm(x, gamma.shape, gamma, beta)


def gather(case):
    x, ids = torch.randn(*case["x"]), torch.randint(case["x"][0], (case["count"],))
    return lambda: x.index_select(0, ids)


def scatter(case):
    rows, ids = torch.randn(case["count"], case["x"][1]), torch.randint(case["x"][0], (case["count"],))
    return lambda: torch.zeros(*case["x"]).index_add_(0, ids, rows)


kinds = {
    "product": product,
    "softmax": unary(lambda x: torch.softmax(x, -1)),
    "sigmoid": unary(torch.sigmoid),
    "sumColumns": unary(lambda x: x.sum(0)),
    "transposeHeads": unary(lambda x: x.transpose(1, 2).contiguous()),
    "add": binary,
    "layerNorm": layer_norm,
    "gather": gather,
    "scatter": scatter,
}


def seconds(run, repeats):
    for _ in range(3):
        run()
    taken = []
    for _ in range(repeats):
        started = time.perf_counter()
        run()
        taken.append(time.perf_counter() - started)
    return sorted(taken)[repeats // 2]


cases, threads, repeats = json.loads(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
torch.set_num_threads(threads)
torch.set_grad_enabled(False)
print(json.dumps({case["name"]: seconds(kinds[case["kind"]](case), repeats) for case in cases}))
