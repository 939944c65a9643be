#!/usr/bin/env python3
"""Holds the program to open_clip itself, through files and the command line: `make parity`.

    python trainer/clip/openclip/testdata/parity.py bin/scalelaw

in a Python with the packages that the Makefile names.

Prints a line a check, and fails when one is beyond its limit.
"""
import io
import json
import pathlib
import subprocess
import sys
import tarfile
import tempfile

import numpy as np
import open_clip
import torch
import torch.nn.functional as F
from open_clip.loss import ClipLoss, SigLipLoss
from PIL import Image
from safetensors.torch import save_file

LIMIT = 1e-5
TEXTS = ["a photo of a cat", "", "Ünïcode — “quotes” &amp; 日本語 🙂", "it's 2,024 o'clock", "word " * 100, "  spaces   and\ttabs "]


def vision(**more):
    return {"image_size": 32, "patch_size": 8, "layers": 2, "width": 64, "head_width": 16} | more


def text(**more):
    return {"context_length": 77, "vocab_size": 49408, "width": 48, "heads": 4, "layers": 2} | more


MODELS = {
    "small": {"embed_dim": 32, "vision_cfg": vision(), "text_cfg": text()},
    "odd sizes": {"embed_dim": 20, "vision_cfg": vision(image_size=50, patch_size=7, width=48, mlp_ratio=2.7),
                  "text_cfg": text(context_length=33, mlp_ratio=3.3)},
    "quick-GELU, mean pooling": {"embed_dim": 32, "quick_gelu": True,
                                 "vision_cfg": vision(pool_type="avg", no_ln_pre=True, final_ln_after_pool=True), "text_cfg": text()},
    "SigLIP": {"embed_dim": 32, "custom_text": True, "init_logit_bias": -10, "vision_cfg": vision(pool_type="avg"),
               "text_cfg": text(no_causal_mask=True, pool_type="last", proj_bias=True)},
}


class Check:
    def __init__(self, program):
        self.program, self.failed = program, False

    def run(self, *arguments):
        return subprocess.run([self.program, *map(str, arguments)], check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True).stdout

    def report(self, what, difference, limit=LIMIT):
        ok = difference <= limit
        self.failed |= not ok
        print(f"{what:60} {difference:.1e}  {'ok' if ok else 'MORE THAN %g' % limit}", flush=True)


def pictures(folder):
    rng = np.random.default_rng(1)
    for i, size in enumerate([(32, 32), (50, 50), (100, 37), (224, 224), (31, 200), (640, 427)]):
        small = Image.fromarray(rng.integers(0, 256, (9, 9, 3), dtype=np.uint8))
        small.resize(size, Image.BICUBIC).save(folder / f"{i}.png")
    return sorted(folder.glob("*.png"))


def theirs(model, preprocess, tokenizer, files):
    model.eval()
    with torch.no_grad():
        images = torch.stack([preprocess(Image.open(f)) for f in files])
        return (model.encode_image(images, normalize=True).numpy(), model.encode_text(tokenizer(TEXTS), normalize=True).numpy(),
                model.logit_scale.exp().item())


def compare(check, what, folder, files, model=None, *more):
    """Embeds with both programs: the model at `folder`, against `model` or what open_clip loads there."""
    (files[0].parent / "texts.txt").write_text("\n".join(TEXTS) + "\n")
    ours = json.loads(check.run("embed", folder, "--images", files[0].parent / "*.png", "--texts", files[0].parent / "texts.txt", *more))
    model, preprocess, tokenizer = model or loaded(folder)
    image, txt, scale = theirs(model, preprocess, tokenizer, files)
    check.report(what + ", images", np.abs(np.array(ours["images"]) - image).max())
    check.report(what + ", texts", np.abs(np.array(ours["texts"]) - txt).max())
    check.report(what + ", logit scale", abs(ours["logit_scale"] / scale - 1))


def loaded(folder):
    name = f"local-dir:{folder}"
    model, _, preprocess = open_clip.create_model_and_transforms(name)
    return model, preprocess, open_clip.get_tokenizer(name)


def saved(folder, config, seed):
    """A random model as open_clip's folder, its weights far enough from zero to matter."""
    torch.manual_seed(seed)
    folder.mkdir()
    (folder / "open_clip_config.json").write_text(json.dumps({"model_cfg": config, "preprocess_cfg": {
        "mean": open_clip.OPENAI_DATASET_MEAN, "std": open_clip.OPENAI_DATASET_STD}}))
    config = dict(config)
    model = (open_clip.CustomTextCLIP if config.pop("custom_text", False) else open_clip.CLIP)(**config)
    with torch.no_grad():
        for p in model.parameters():
            if p.ndim > 0:
                p.add_(torch.randn_like(p) * 0.05)
    save_file(model.state_dict(), folder / "open_clip_model.safetensors")
    return model


def shard(path, pairs):
    with tarfile.open(path, "w") as tar:
        for i, (image, caption) in enumerate(pairs):
            png = io.BytesIO()
            image.save(png, "PNG")
            for name, data in ((f"{i:06}.png", png.getvalue()), (f"{i:06}.txt", caption.encode())):
                member = tarfile.TarInfo(name)
                member.size = len(data)
                tar.addfile(member, io.BytesIO(data))


def training(check, root, what, config, seed):
    """Twenty steps from the same weights on the same pairs: every loss, and the weights at the end."""
    rng = np.random.default_rng(seed)
    side, batch, steps, rate = config["vision_cfg"]["image_size"], 8, 20, 1e-3
    pairs = [(Image.fromarray(rng.integers(0, 256, (side, side + i % 7, 3), dtype=np.uint8)), f"pair {i}: {rng.integers(1000)} of them") for i in range(40)]
    folder = root / f"init{seed}"
    saved(folder, config, seed)
    shard(folder / "pairs.tar", pairs)
    (folder / "model.json").write_text(json.dumps(config))
    for engine in ("native", "gorgonia"):
        out = folder / engine
        check.run("train", "--model", folder / "model.json", "--data", folder / "pairs.tar", "--init", folder, "--order", "sequential", "--augment", "none",
                  "--samples-seen", steps * batch, "--batch-size", batch, "--learning-rate", rate, "--weight-decay", 0.2, "--beta1", 0.9, "--beta2", 0.98,
                  "--eps", 1e-6, "--warmup", 0, "--schedule", "constant", "--engine", engine, "--out", out)
        ours = [json.loads(line)["loss"] for line in (out / "metrics.jsonl").read_text().splitlines()]
        model, preprocess, tokenizer = loaded(folder)
        model.train()
        exclude = lambda n, p: p.ndim < 2 or "bn" in n or "ln" in n or "bias" in n or "logit_scale" in n
        named = list(model.named_parameters())
        optimizer = torch.optim.AdamW([{"params": [p for n, p in named if exclude(n, p)], "weight_decay": 0.0},
                                       {"params": [p for n, p in named if not exclude(n, p)], "weight_decay": 0.2}], lr=rate, betas=(0.9, 0.98), eps=1e-6)
        losses = []
        for step in range(steps):
            some = [pairs[(step * batch + k) % len(pairs)] for k in range(batch)]
            image, txt, scale = model(torch.stack([preprocess(p) for p, _ in some]), tokenizer([c for _, c in some]))[:3]
            loss = SigLipLoss()(image, txt, scale, model.logit_bias) if "init_logit_bias" in config else ClipLoss()(image, txt, scale)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            with torch.no_grad():
                model.logit_scale.clamp_(0, np.log(100))
            losses.append(loss.item())
        check.report(f"{steps} steps, losses, {what}, {engine}", max(abs(a / b - 1) for a, b in zip(ours, losses, strict=True)), 1e-4)


TEST_MODEL = {"embed_dim": 64, "vision_cfg": vision(), "text_cfg": text(context_length=16, width=64)}


def trained_by_open_clip(check, root):
    """A checkpoint of open_clip's training program, of a model trained on exported icons."""
    (root / "model").mkdir()
    (root / "model" / "open_clip_config.json").write_text(json.dumps({"model_cfg": TEST_MODEL, "preprocess_cfg": {
        "mean": open_clip.OPENAI_DATASET_MEAN, "std": open_clip.OPENAI_DATASET_STD}}))
    check.run("data", "export", "icons-6k", "--out", root / "train")
    training = subprocess.run([sys.executable, "-m", "open_clip_train.main", "--model", f"local-dir:{root / 'model'}", "--train-data", f"{root / 'train'}/{{00000..00001}}.tar",
                               "--dataset-type", "webdataset", "--epochs", "5", "--batch-size", "64", "--workers", "1", "--device", "cpu", "--precision", "fp32", "--warmup", "20",
                               "--lr", "1e-3", "--logs", root / "logs", "--name", "run"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if training.returncode != 0:
        sys.exit("open_clip's training program failed:\n" + training.stdout[-2000:])
    return root / "logs" / "run" / "checkpoints" / "epoch_5.pt"


def samples(folder, preprocess, shards="*.tar"):
    """The images, captions and classes of the shards of a folder, in order."""
    images, captions, classes = [], [], []
    for path in sorted(folder.glob(shards)):
        with tarfile.open(path) as tar:
            for member in tar:
                data = tar.extractfile(member).read()
                if member.name.endswith(".png"):
                    images.append(preprocess(Image.open(io.BytesIO(data))))
                elif member.name.endswith(".txt"):
                    captions.append(data.decode())
                elif member.name.endswith(".cls"):
                    classes.append(int(data))
    return torch.stack(images), captions, np.array(classes)


def ranks(similarity, own):
    return (similarity > similarity[np.arange(len(own)), own][:, None]).sum(1)


def evaluation(check, root):
    """What eval finds on exported shards, against open_clip's own zero-shot classifier and vectors."""
    checkpoint = trained_by_open_clip(check, root)
    check.run("data", "export", "icons-6k", "--split", "test", "--out", root / "test")
    ours = json.loads(check.run("eval", checkpoint, "--test", root / "test" / "*.tar", "--retrieval", root / "train" / "00000.tar", "-o", "json"))
    ours = {f"{s['task']}/{s['metric']}": s["value"] for s in ours}
    model, preprocess, tokenizer = loaded(root / "model")
    model.load_state_dict({k.removeprefix("module."): v for k, v in torch.load(checkpoint, weights_only=True)["state_dict"].items()})
    model.eval()
    lines = lambda name: (root / "test" / name).read_text().splitlines()
    templates = [lambda c, t=t: t.replace("{c}", c) for t in lines("zeroshot_classification_templates.txt")]
    with torch.no_grad():
        classifier = open_clip.build_zero_shot_classifier(model, tokenizer, lines("classnames.txt"), templates, num_classes_per_batch=10, device="cpu")
        images, _, classes = samples(root / "test", preprocess)
        rank = ranks((model.encode_image(images, normalize=True) @ classifier).numpy(), classes)
        images, captions, _ = samples(root / "train", preprocess, "00000.tar")
        similarity = (model.encode_image(images, normalize=True) @ F.normalize(model.encode_text(tokenizer(captions)), dim=-1).T).numpy()
    theirs = {"zeroshot/top1_error": np.mean(rank >= 1), "zeroshot/top5_error": np.mean(rank >= 5),
              "zeroshot/mean_per_class_error": np.mean([np.mean(rank[classes == c] >= 1) for c in np.unique(classes)])}
    for what, s in (("text", similarity), ("image", similarity.T)):
        rank = ranks(s, np.arange(len(s)))
        theirs |= {f"retrieval/{what}_recall@{k}": np.mean(rank < k) for k in (1, 5, 10)}
    assert theirs.keys() == ours.keys(), ours.keys()
    for name, value in theirs.items():
        check.report(f"eval of open_clip's own training, {name} {value:.4f}", abs(ours[name] - value), 5e-4)


def main():
    check = Check(sys.argv[1])
    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name)
        (root / "trained").mkdir()
        evaluation(check, root / "trained")
        (root / "images").mkdir()
        files = pictures(root / "images")
        for i, (what, config) in enumerate(MODELS.items()):
            folder = root / f"theirs{i}"
            model = saved(folder, config, i)
            compare(check, f"theirs, {what}", folder, files)
            training(check, root, what, config, 100 + i)
            optimizer = torch.optim.AdamW(model.parameters())
            model(torch.zeros(2, 3, config["vision_cfg"]["image_size"], config["vision_cfg"]["image_size"]),
                  torch.zeros(2, config["text_cfg"]["context_length"], dtype=torch.long))[0].sum().backward()
            optimizer.step()
            pt = {"epoch": 1, "name": "run", "state_dict": {"module." + k: v for k, v in model.state_dict().items()}, "optimizer": optimizer.state_dict()}
            torch.save(pt, folder / "epoch_1.pt")
            _, preprocess, tokenizer = loaded(folder)
            compare(check, f"theirs as .pt, {what}", folder / "epoch_1.pt", files, (model, preprocess, tokenizer))
            if config["vision_cfg"]["image_size"] == 32:
                (root / f"{i}.json").write_text(json.dumps(config))
                check.run("train", "--model", root / f"{i}.json", "--data", "icons-6k", "--samples-seen", "640", "--batch-size", 32, "--out", root / f"ours{i}")
                compare(check, f"ours after 20 steps, {what}", root / f"ours{i}", files)
        model, _, preprocess = open_clip.create_model_and_transforms("ViT-B-32")
        torch.save({"state_dict": model.state_dict()}, root / "b32.pt")
        compare(check, "theirs as .pt, ViT-B-32", root / "b32.pt", files, (model, preprocess, open_clip.get_tokenizer("ViT-B-32")), "--model", "ViT-B-32")
    sys.exit(check.failed)


if __name__ == "__main__":
    main()
