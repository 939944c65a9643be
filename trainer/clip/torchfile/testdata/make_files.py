#!/usr/bin/env python3
"""Makes the files beside it: what PyTorch 2.13.0 writes, and what must be refused.

    pip install torch==2.13.0
    python trainer/clip/torchfile/testdata/make_files.py
"""
import json
import pathlib
from collections import OrderedDict

import torch

HERE = pathlib.Path(__file__).parent


class Evil:
    def __reduce__(self):
        import os
        return os.system, ("true",)


def main():
    base = torch.arange(24, dtype=torch.float32) / 8 - 1
    state = OrderedDict(
        scalar=torch.tensor(2.5),
        matrix=base.reshape(4, 6),
        transposed=base.reshape(4, 6).t(),
        part=base.reshape(2, 3, 4)[1, :, 1:3],
        expanded=torch.tensor([3.0]).expand(1, 1),
        half=torch.tensor([1.0, -2.5, 6e-8, 65504.0], dtype=torch.float16),
        bfloat16=torch.tensor([1.0, -3.25, 1e30], dtype=torch.bfloat16),
        double=torch.tensor([0.1, -1e-3], dtype=torch.float64),
        empty=torch.zeros(0, 3),
        counter=torch.tensor([7, 8]),
        parameter=torch.nn.Parameter(torch.tensor([[0.25]])),
    )
    torch.save(state, HERE / "state.pt")
    model = torch.nn.Linear(3, 2)
    with torch.no_grad():
        model.weight.copy_(base[:6].reshape(2, 3))
        model.bias.copy_(base[6:8])
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    model(torch.ones(1, 3)).sum().backward()
    before = {k: v.clone() for k, v in model.state_dict().items()}
    optimizer.step()
    torch.save({"epoch": 3, "name": "run", "state_dict": {"module." + k: v for k, v in before.items()},
                "optimizer": optimizer.state_dict(), "scaler": None}, HERE / "checkpoint.pt")
    torch.save(state, HERE / "legacy.pt", _use_new_zipfile_serialization=False)
    torch.jit.script(torch.nn.Linear(1, 1)).save(str(HERE / "script.pt"))
    torch.save({"state_dict": {"w": torch.zeros(1)}, "evil": Evil()}, HERE / "evil.pt")
    torch.save(torch.nn.Linear(1, 1), HERE / "module.pt")
    want = {k: {"shape": list(v.shape), "data": v.detach().float().flatten().tolist()} for k, v in state.items() if v.is_floating_point()}
    (HERE / "state.json").write_text(json.dumps(want))


if __name__ == "__main__":
    main()
