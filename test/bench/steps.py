"""A whole training step of DeepFM and of SASRec in PyTorch on the CPU: what steps.bench.ts compares with.

Arguments: the shapes as JSON (see steps/deepfm.ts and steps/sasrec.ts), threads, repeats. Prints seconds a step, the median.
"""

import json
import math
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn


class DeepFM(nn.Module):
    def __init__(self, fields, dim, features, hidden, **_):
        super().__init__()
        self.linear = nn.Embedding(features, 1)
        self.embedding = nn.Embedding(features, dim)
        sizes = [fields * dim, *hidden]
        layers = []
        for before, after in zip(sizes, sizes[1:]):
            layers += [nn.Linear(before, after), nn.ReLU()]
        self.mlp = nn.Sequential(*layers, nn.Linear(sizes[-1], 1))

    def forward(self, ids):  # [rows, fields]
        each = self.embedding(ids)  # [rows, fields, dim]
        interactions = 0.5 * (each.sum(1).square() - each.square().sum(1)).sum(1)
        return self.linear(ids).sum((1, 2)) + interactions + self.mlp(each.flatten(1)).squeeze(1)


class Block(nn.Module):
    def __init__(self, dim, heads, rate):
        super().__init__()
        self.heads, self.rate = heads, rate
        self.before, self.between = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.query, self.key, self.value, self.out, self.inner, self.outer = (nn.Linear(dim, dim) for _ in range(6))
        self.drop = nn.Dropout(rate)

    def forward(self, x, mask):  # [batch, length, dim]
        batch, length, dim = x.shape
        queries = self.before(x)

        def split(y):
            return y.view(batch, length, self.heads, dim // self.heads).transpose(1, 2)

        q, k, v = split(self.query(queries)), split(self.key(x)), split(self.value(x))
        share = torch.softmax(q @ k.transpose(2, 3) / math.sqrt(dim // self.heads) + mask, -1)
        mixed = (self.drop(share) @ v).transpose(1, 2).reshape(batch, length, dim)
        x = self.between(queries + self.out(mixed))
        return x + self.drop(self.outer(self.drop(F.relu(self.inner(x)))))


class SASRec(nn.Module):
    def __init__(self, length, dim, blocks, items, rate, heads, **_):
        super().__init__()
        self.items, self.position = nn.Embedding(items, dim), nn.Parameter(0.05 * torch.randn(length, dim))
        self.blocks = nn.ModuleList(Block(dim, heads, rate) for _ in range(blocks))
        self.last, self.drop = nn.LayerNorm(dim), nn.Dropout(rate)
        self.register_buffer("mask", torch.full((length, length), -1e9).triu(1))

    def forward(self, inputs, positives, negatives):  # [batch, length] each
        x = self.drop(self.items(inputs) * math.sqrt(self.position.shape[1]) + self.position)
        for block in self.blocks:
            x = block(x, self.mask)
        x = self.last(x)
        return (x * self.items(positives)).sum(-1), (x * self.items(negatives)).sum(-1)


def seconds(step, repeats):
    for _ in range(3):
        step()
    taken = []
    for _ in range(repeats):
        started = time.perf_counter()
        step()
        taken.append(time.perf_counter() - started)
    return sorted(taken)[repeats // 2]


def deepfm(shape, repeats):
    model = DeepFM(**shape)
    adam = torch.optim.Adam(model.parameters(), lr=shape["learningRate"], fused=True)

    def step():
        ids = torch.randint(shape["features"], (shape["rows"], shape["fields"]))
        labels = torch.randint(2, (shape["rows"],)).float()
        adam.zero_grad()
        F.binary_cross_entropy_with_logits(model(ids), labels).backward()
        adam.step()

    return seconds(step, repeats)


def sasrec(shape, heads, repeats):
    model = SASRec(**shape, heads=heads)
    adam = torch.optim.Adam(model.parameters(), lr=shape["learningRate"], fused=True)

    def step():
        inputs, positives, negatives = torch.randint(shape["items"], (3, shape["batch"], shape["length"]))
        adam.zero_grad()
        positive, negative = model(inputs, positives, negatives)
        (F.softplus(-positive).mean() + F.softplus(negative).mean()).backward()
        adam.step()

    return seconds(step, repeats)


shapes, threads, repeats = json.loads(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
torch.set_num_threads(threads)
torch.manual_seed(0)
print(
    json.dumps(
        {
            "deepfm": deepfm(shapes["deepfm"], repeats),
            "sasrec1": sasrec(shapes["sasrec"], 1, repeats),
            "sasrec2": sasrec(shapes["sasrec"], 2, repeats),
        }
    )
)
