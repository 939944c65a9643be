#!/usr/bin/env python3
"""Makes the goldens beside it, and those of trainer/bpe, from the originals.

    pip install torch==2.13.0 open_clip_torch==3.3.0 safetensors
    python trainer/clip/openclip/testdata/make_goldens.py

Weights and batches are drawn by a formula (see `drawn`), which the Go test repeats, so that
only what the originals compute has to be kept: embeddings, the loss, every gradient, and the
weights after ten AdamW steps.
"""
import gzip
import html
import json
import pathlib
import random
from types import SimpleNamespace

import ftfy
import numpy as np
import open_clip
import torch
from open_clip.loss import ClipLoss, SigLipLoss
from open_clip.model import CLIP, CustomTextCLIP, resize_pos_embed, resize_text_pos_embed
from safetensors.torch import save_file

HERE = pathlib.Path(__file__).parent
BPE = HERE.parents[2] / "bpe" / "testdata"
BATCH, STEPS = 6, 10
RATE, DECAY, BETAS, EPS = 1e-3, 0.2, (0.9, 0.98), 1e-6

MODELS = {
    "tiny": {
        "embed_dim": 64,
        "vision_cfg": {"image_size": 32, "patch_size": 8, "layers": 2, "width": 64, "head_width": 16},
        "text_cfg": {"context_length": 16, "vocab_size": 512, "width": 64, "heads": 4, "layers": 2},
    },
    "odd": {
        "embed_dim": 13,
        "vision_cfg": {"image_size": 30, "patch_size": 7, "layers": 3, "width": 24, "head_width": 8, "mlp_ratio": 2.55},
        "text_cfg": {"context_length": 9, "vocab_size": 50, "width": 20, "heads": 5, "layers": 2, "mlp_ratio": 3.1},
    },
    "quick": {
        "embed_dim": 16,
        "quick_gelu": True,
        "vision_cfg": {"image_size": 16, "patch_size": 4, "layers": 2, "width": 32, "head_width": 16, "pool_type": "avg",
                       "no_ln_pre": True, "final_ln_after_pool": True},
        "text_cfg": {"context_length": 7, "vocab_size": 40, "width": 24, "heads": 3, "layers": 2},
    },
    "siglip": {
        "embed_dim": 16,
        "custom_text": True,
        "init_logit_scale": 2.3025851,
        "init_logit_bias": -10,
        "vision_cfg": {"image_size": 16, "patch_size": 8, "layers": 2, "width": 32, "head_width": 16, "pool_type": "avg"},
        "text_cfg": {"context_length": 8, "vocab_size": 40, "width": 24, "heads": 3, "layers": 2, "no_causal_mask": True,
                     "pool_type": "last", "proj_bias": True},
    },
}


def drawn(name, shape):
    """Uniform numbers in [-1, 1): splitmix64 counted from the FNV-1a hash of a name."""
    seed = 0xCBF29CE484222325
    for byte in name.encode():
        seed = ((seed ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + np.uint64(0x9E3779B97F4A7C15) * np.arange(1, int(np.prod(shape)) + 1, dtype=np.uint64)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return ((z >> np.uint64(40)).astype(np.float64) / 2**23 - 1).astype(np.float32).reshape(shape)


def weight(name, shape):
    if name == "logit_scale":
        return np.float32(2.5)
    if name == "logit_bias":
        return np.float32(-3)
    u = drawn(name, shape).astype(np.float64)
    if "ln_" in name:
        u = u * 0.1 + (1 if name.endswith("weight") else 0)
    elif len(shape) < 2:
        u = u * 0.1
    else:
        u = u * 0.25
    return u.astype(np.float32)


def batch(model, config):
    side, context = config["vision_cfg"]["image_size"], config["text_cfg"]["context_length"]
    vocab = config["text_cfg"]["vocab_size"]
    images = drawn(model + "/images", (BATCH, 3, side, side))
    tokens = (np.floor((drawn(model + "/tokens", (BATCH, context)).astype(np.float64) + 1) / 2 * (vocab - 2))).astype(np.int64)
    tokens[:, 0] = vocab - 2
    for i in range(BATCH):
        end = 2 + i % (context - 2)
        tokens[i, end] = vocab - 1
        tokens[i, end + 1:] = 0
    return torch.from_numpy(images), torch.from_numpy(tokens)


def build(config):
    config = dict(config)
    model = (CustomTextCLIP if config.pop("custom_text", False) else CLIP)(**config)
    with torch.no_grad():
        for name, p in model.named_parameters():
            p.copy_(torch.from_numpy(np.asarray(weight(name, tuple(p.shape)))))
    return model


def losses(model, config, images, tokens):
    image, text, scale = model(images, tokens)[:3]
    if "init_logit_bias" in config:
        return image, text, SigLipLoss()(image, text, scale, model.logit_bias)
    return image, text, ClipLoss()(image, text, scale)


def golden(name, config):
    images, tokens = batch(name, config)
    model = build(config)
    image, text, loss = losses(model, config, images, tokens)
    loss.backward()
    out = {"image": image, "text": text, "loss": loss}
    out |= {"grad." + n: p.grad for n, p in model.named_parameters()}
    if name != "tiny":
        out |= {"after." + n: p for n, p in trained(config, images, tokens)}
    save_file({k: v.detach().clone().contiguous() for k, v in out.items()}, HERE / f"{name}.safetensors")


def trained(config, images, tokens):
    """Ten steps as open_clip's training program makes them, at a constant rate; in float64,
    because AdamW turns the rounding noise of gradients that are zero (those of the keys' biases)
    into steps."""
    model, images = build(config).double(), images.double()
    exclude = lambda n, p: p.ndim < 2 or "bn" in n or "ln" in n or "bias" in n or "logit_scale" in n
    named = list(model.named_parameters())
    optimizer = torch.optim.AdamW(
        [{"params": [p for n, p in named if exclude(n, p)], "weight_decay": 0.0},
         {"params": [p for n, p in named if not exclude(n, p)], "weight_decay": DECAY}],
        lr=RATE, betas=BETAS, eps=EPS)
    for _ in range(STEPS):
        optimizer.zero_grad()
        losses(model, config, images, tokens)[2].backward()
        optimizer.step()
        with torch.no_grad():
            model.logit_scale.clamp_(0, np.log(100))
    return model.float().named_parameters()


WRITTEN = [
    "", " ", "a", "A photo of a CAT.", "it's, we'll, I'd, they've, you're, I'm, don't", "IT'S WE'LL", "rock'n'roll 's 't 'rex",
    "hello   \t world\n\nagain", "<start_of_text>a dog<end_of_text>", "<START_OF_TEXT>", "2024-11-05 3.14159 1,000,000", "½ ² Ⅷ ① ٣",
    "naïve café — “quoted” ‘single’ … ", "Größe Straße ǅ ĳ ﬁne ﬂoor", "ＦＵＬＬ　ＷＩＤＴＨ ｶﾀｶﾅ", "İstanbul IŞIK", "ΟΔΥΣΣΕΥΣ ΣΟΦΟΣ σ",
    "日本語のテキスト", "中文，标点。", "한국어 텍스트", "العربية ١٢٣", "עברית", "हिन्दी पाठ", "ไทย", "🙂👩‍👩‍👧‍👦🇩🇪 emoji!", "e\u0301 decomposed n\u0303",
    "&amp; &lt;b&gt; &eacute; &EACUTE; &#233; &#xe9; &copy &notit; &semi; &hellip;", "&amp;amp;amp;", "a < b &amp; c", "line one &amp;\nline <two> &amp;\nline three &amp;",
    "tab\tand\x0bvertical\x0cfeed\x1funit\x85next\u2028line\u2029para", "\x1b[31mred\x1b[0m", "zero\u200bwidth\u200djoiner\ufeffbom", "\x93smart\x94 \x96 dash",
    "snake_case CamelCase kebab-case", "https://example.com/a?b=c&d=e#f", "C++ C# .NET $100 50% #tag @user", "...!!!???", "''' \"\"\"", "a" * 300, "word " * 120,
    "supercalifragilisticexpialidocious antidisestablishmentarianism", "\u00a0non\u00a0breaking\u2003em\u3000ideographic", "ſtrange 'ſ", "K Å Ω", "™ ® © ° ±",
    "Nai\u0308ve", "ŉ ʼn", "\u202ertl\u202c", "&#128; &#x110000; &#0;", "P&EACUTE;REZ &NTILDE; &SZLIG;", "mixed中英text混排123テスト", "x²+y²=z²", "a\u0300\u0301\u0302",
]


def texts():
    """1,000 texts: odd ones by hand, prompts of ImageNet classes, and random Unicode."""
    rng = random.Random(1)
    out = list(WRITTEN)
    while len(out) < 600:
        out.append(rng.choice(open_clip.OPENAI_IMAGENET_TEMPLATES)(rng.choice(open_clip.IMAGENET_CLASSNAMES)))
    blocks = [(0x20, 0x7E), (0x20, 0x7E), (0xA0, 0x17F), (0x370, 0x3FF), (0x400, 0x45F), (0x5D0, 0x5EA), (0x620, 0x64A), (0x905, 0x939),
              (0x2010, 0x2060), (0x20A0, 0x20BF), (0x2190, 0x22FF), (0x3041, 0x30FF), (0x4E00, 0x9FA5), (0xAC00, 0xD7A3), (0xFF01, 0xFFEE), (0x1F300, 0x1F64F)]
    while len(out) < 1000:
        few = rng.sample(blocks, 2) + [(0x20, 0x7E)]
        text = "".join(chr(rng.randint(*rng.choice(few))) if rng.random() > 0.15 else " " for _ in range(rng.randint(1, 60)))
        resolved = html.unescape(html.unescape(text))
        if ftfy.fix_encoding(text) == text and ftfy.fix_encoding(resolved) == resolved:  # mojibake is not repaired in Go
            out.append(text)
    return out


def positions():
    """Positions as open_clip resizes them: the old size, the new one, and the numbers."""
    out, width = [], 3
    for was, now in [(4, 7), (7, 3), (5, 12), (8, 5)]:
        state = {"visual.positional_embedding": torch.tensor(drawn(f"grid {was}", (1 + was * was, width)))}
        resize_pos_embed(state, SimpleNamespace(visual=SimpleNamespace(grid_size=now)))
        out.append({"kind": "grid", "was": was, "now": now, "values": state["visual.positional_embedding"].flatten().tolist()})
    for was, now in [(7, 10), (16, 5)]:
        state = {"positional_embedding": torch.tensor(drawn(f"text {was}", (was, width)))}
        resize_text_pos_embed(state, SimpleNamespace(positional_embedding=torch.zeros(now, width)))
        out.append({"kind": "text", "was": was, "now": now, "values": state["positional_embedding"].flatten().tolist()})
    return out


def main():
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(1)
    BPE.mkdir(exist_ok=True)
    tokenizer = open_clip.get_tokenizer("ViT-B-32")
    rows = [{"text": t, "ids": np.trim_zeros(tokenizer([t])[0].numpy(), "b").tolist()} for t in texts()]
    with gzip.GzipFile(BPE / "tokens.json.gz", "wb", mtime=0) as f:
        f.write(json.dumps(rows, ensure_ascii=True).encode())
    (HERE / "positions.json").write_text(json.dumps(positions()) + "\n")
    for name, config in MODELS.items():
        (HERE / f"{name}.json").write_text(json.dumps(config, indent=2) + "\n")
        golden(name, config)


if __name__ == "__main__":
    main()
