"""Makes the pictures of this folder and what PIL and torchvision make of them.

The photo is generated here (a sky, hills of 1/f noise, hard-edged coloured things), so nobody else's rights are in it.

    pip install torch==2.13.0 torchvision open_clip_torch numpy
    python golden.py        # in this folder; the versions go to golden.json
"""

import json

import numpy as np
import PIL
import torch
import torchvision
from open_clip.transform import image_transform
from PIL import Image, ImageDraw, features
from torchvision.transforms import InterpolationMode
from torchvision.transforms import functional as F

SIZE = 96
CROP = (13, 21, 201, 263)  # top, left, height, width of a random crop
MEAN, STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)


def noise(rng, h, w, power):
    """1/f noise as photos have it, from 0 to 1."""
    spectrum = np.fft.fft2(rng.standard_normal((h, w)))
    f = np.hypot(*np.meshgrid(np.fft.fftfreq(w), np.fft.fftfreq(h)))
    f[0, 0] = 1
    x = np.real(np.fft.ifft2(spectrum / f**power))
    return (x - x.min()) / (x.max() - x.min())


def photo(w=307, h=229):
    rng = np.random.default_rng(7)
    y, x = np.mgrid[0:h, 0:w]
    sky = np.stack([90 + 90 * y / h, 140 + 70 * y / h, 225 - 30 * y / h], -1)
    ground = np.stack([noise(rng, h, w, p) * s for p, s in ((1.1, 190), (1.0, 210), (1.3, 110))], -1)
    horizon = h * (0.45 + 0.12 * np.sin(x / 41.0) + 0.05 * np.sin(x / 9.0))
    img = Image.fromarray(np.where((y > horizon)[..., None], ground, sky).clip(0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(img)
    draw.ellipse((200, 20, 240, 60), fill=(250, 235, 60))
    draw.polygon([(40, 150), (90, 80), (140, 150)], fill=(200, 30, 40))
    draw.rectangle((55, 150, 125, 205), fill=(235, 225, 205), outline=(40, 30, 20))
    for i in range(12):
        draw.line((170 + 8 * i, 130, 176 + 8 * i, 215), fill=(20, 40 + 15 * i, 200 - 12 * i), width=1 + i % 3)
    a = np.asarray(img, dtype=np.float64) + rng.normal(0, 3, (h, w, 3))
    return Image.fromarray(a.clip(0, 255).astype(np.uint8))


def sources():
    p = photo()
    p.save("photo-420.jpg", quality=92, subsampling="4:2:0")
    p.save("photo-422.jpg", quality=92, subsampling="4:2:2", progressive=True)
    p.save("photo-444.jpg", quality=92, subsampling="4:4:4")
    p.convert("L").save("grey.jpg", quality=92)
    p.convert("CMYK").resize((120, 90)).save("cmyk.jpg", quality=92)
    p.save("photo.webp", quality=90)
    small = p.resize((61, 47))
    small.save("small.png")
    small.save("small-lossless.webp", lossless=True)
    small.quantize(32).save("palette.png")
    rgba = small.copy()
    rgba.putalpha(Image.fromarray((np.mgrid[0:47, 0:61][1] * 4).astype(np.uint8)))
    rgba.save("alpha.png")
    rgba.save("alpha.webp", quality=90)
    p.crop((0, 100, 307, 118)).save("wide.png")
    p.crop((100, 0, 117, 229)).save("tall.png")
    return ["photo-420.jpg", "photo-422.jpg", "photo-444.jpg", "grey.jpg", "cmyk.jpg", "photo.webp", "small.png",
            "small-lossless.webp", "palette.png", "alpha.png", "alpha.webp", "wide.png", "tall.png"]


def evaluation(img):
    """open_clip's own transform, up to the normalised tensor."""
    return image_transform(SIZE, is_train=False, mean=MEAN, std=STD)(img)


def grey_levels(tensor):
    mean, std = torch.tensor(MEAN)[:, None, None], torch.tensor(STD)[:, None, None]
    return ((tensor * std + mean) * 255).round().to(torch.uint8).permute(1, 2, 0).numpy()


tensors = {}
for name in sources():
    img = Image.open(name).convert("RGB")  # as webdataset's "pilrgb" gives it to the transform
    tensor = evaluation(img)
    Image.fromarray(grey_levels(tensor)).save(f"want-{name.replace('.', '-')}.png")
    if name == "photo-420.jpg":
        img.save("decoded-420.png")
        tensors[name] = [round(v, 7) for v in tensor.flatten()[:: 977].tolist()]
        crop = F.resized_crop(img, *CROP, [SIZE, SIZE], InterpolationMode.BICUBIC)
        crop.save("want-crop.png")
versions = {"torch": torch.__version__, "torchvision": torchvision.__version__, "PIL": PIL.__version__,
            "libjpeg-turbo": features.version("libjpeg_turbo"), "webp": features.version("webp")}
with open("golden.json", "w") as f:
    json.dump({"size": SIZE, "crop": CROP, "tensor_stride": 977, "tensors": tensors, "versions": versions}, f, indent=1)
