"""
Neighbour sampling with PyTorch Geometric's NeighborLoader on the graph that the benchmark wrote: `sampler.py FOLDER SECONDS`.
Prints one JSON object: sampled edges a second alone and with two workers, or why there is none.
"""
import json
import sys
import time
from pathlib import Path

import numpy as np
import torch


def rate(loader, seconds):
    """Sampled edges a second, over batches taken for about `seconds` after the first."""
    batches = iter(loader)
    next(batches)
    edges, begin = 0, time.perf_counter()
    for batch in batches:
        edges += batch.edge_index.shape[1]
        if time.perf_counter() - begin > seconds:
            break
    return edges / (time.perf_counter() - begin)


def main():
    folder, seconds = Path(sys.argv[1]), float(sys.argv[2])
    try:
        import torch_geometric
        from torch_geometric.data import Data
        from torch_geometric.loader import NeighborLoader
    except ImportError:
        return {"absent": "torch_geometric is not installed"}
    meta = json.loads((folder / "meta.json").read_text())
    users = torch.from_numpy(np.fromfile(folder / "users.i32", dtype=np.int32)).long()
    items = torch.from_numpy(np.fromfile(folder / "items.i32", dtype=np.int32)).long() + meta["users"]
    # Both directions: messages flow to a node from the neighbours that are sampled for it.
    edges = torch.stack([torch.cat([users, items]), torch.cat([items, users])])
    data = Data(edge_index=edges, num_nodes=meta["nodes"])
    torch.manual_seed(meta["seed"])
    found = {"version": torch_geometric.__version__}
    for name, workers in (("alone", 0), ("workers", 2)):
        try:
            loader = NeighborLoader(
                data,
                num_neighbors=meta["fanouts"],
                batch_size=meta["batchSize"],
                input_nodes=torch.arange(meta["users"]),
                shuffle=True,
                num_workers=workers,
            )
            found[name] = rate(loader, seconds)
        except ImportError as problem:
            return {"absent": str(problem)}
    return found


if __name__ == "__main__":
    torch.set_num_threads(2)
    print(json.dumps(main()))
