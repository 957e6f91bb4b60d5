#!/usr/bin/env python3
"""The same work in eager PyTorch: what `npm run bench` compares with.

COVER's training step is written from the paper (He and Li, ICCV 2025): five-level U-Net, Mixture of Vectors in a 5 x 5
(5 x 5 x 5) window, the vector pyramid, both losses, Adam with clipping. float32; the random views come from the CPU in every
step, as from a loader. The other tasks are what one writes with the same U-Net. Needs PyTorch alone; Debian and Ubuntu have
a CPU build (`apt-get install python3-torch`). Segmenting and classifying read files: images need Pillow (python3-pil),
volumes nibabel (python3-nibabel).

    python3 bench/pytorch.py --dims 2 --size 128 --batch 4 --steps 7
    python3 bench/pytorch.py --dims 2 --size 384 --batch 8 --device cuda --products ieee
    python3 bench/pytorch.py --task embed --size 512
    python3 bench/pytorch.py --task finetune --size 256 --batch 4
    python3 bench/pytorch.py --task segment --size 256 --files FOLDER

Prints one line of JSON: the median and the best time in milliseconds, and the peak of the resident memory in MiB; on a card
also the peak of the memory that PyTorch took there.
"""
import argparse
import json
import resource
import time
from itertools import product
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

WIDTHS = [32, 64, 128, 256, 512]
HEADS = [4, 4, 4, 1, 1]  # deepest level first
HEAD_WIDTH = 8
CLASSES = 4


def double_conv(conv, before, after):
    def half(width):
        return [conv(width, after, 3, padding=1), nn.GroupNorm(after // 8, after), nn.LeakyReLU(0.2)]

    return nn.Sequential(*half(before), *half(after))


def conv_of(dims):
    return (nn.Conv2d, nn.Conv3d)[dims - 2]


class UNet(nn.Module):
    def __init__(self, dims):
        super().__init__()
        conv = conv_of(dims)
        self.pool = (F.max_pool2d, F.max_pool3d)[dims - 2]
        self.linear = ("bilinear", "trilinear")[dims - 2]
        self.down = nn.ModuleList(double_conv(conv, a, b) for a, b in zip([1] + WIDTHS[:-1], WIDTHS))
        pairs = list(zip(WIDTHS[::-1], WIDTHS[-2::-1]))
        self.up = nn.ModuleList(double_conv(conv, deep + skip, skip) for deep, skip in pairs)

    def features(self, x):
        """Decoder features, deepest first."""
        skips = []
        for level, block in enumerate(self.down):
            x = block(x if level == 0 else self.pool(x, 2))
            skips.append(x)
        out = [skips.pop()]
        for block in self.up:
            wide = F.interpolate(out[-1], scale_factor=2, mode=self.linear, align_corners=False)
            out.append(block(torch.cat([skips.pop(), wide], dim=1)))
        return out


class Network(UNet):
    """The U-Net with what COVER makes of its features."""

    def __init__(self, dims):
        super().__init__(dims)
        conv = conv_of(dims)
        levels = zip(WIDTHS[::-1], HEADS)
        self.project = nn.ModuleList(
            nn.Sequential(conv(width, HEAD_WIDTH * heads, 1), nn.GroupNorm(1, HEAD_WIDTH * heads)) for width, heads in levels
        )

    def vectors(self, level, fixed, moving, radius=2):
        """Mixture of Vectors: the expected offset in a window, over the heads."""
        query, key = self.project[level](fixed), self.project[level](moving)
        batch, _, *extents = query.shape
        split = (batch, HEAD_WIDTH, HEADS[level], *extents)
        query = query.reshape(split) / HEAD_WIDTH**0.5
        pads = [radius] * (2 * len(extents))
        key = F.pad(key.reshape(split), pads)
        outside = F.pad(torch.zeros(extents), pads, value=-1000.0)
        offsets = list(product(range(2 * radius + 1), repeat=len(extents)))
        logits = []
        for offset in offsets:
            window = (..., *(slice(o, o + extent) for o, extent in zip(offset, extents)))
            logits.append((query * key[window]).sum(1) + outside[window])
        weights = torch.stack(logits, 1).softmax(1)
        template = torch.tensor(offsets, dtype=weights.dtype) - radius
        return torch.einsum("bo...,oc->bc...", weights, template).mean(2)

    def forward(self, moving, fixed):
        moving, fixed = self.features(moving), self.features(fixed)
        grow = lambda field: F.interpolate(2 * field, scale_factor=2, mode=self.linear, align_corners=True)
        flow = grow(self.vectors(0, fixed[0], moving[0]))
        for level in range(1, 4):
            step = grow(self.vectors(level, fixed[level], warp(moving[level], flow)))
            flow = warp(grow(flow), step) + step
        step = self.vectors(4, fixed[4], warp(moving[4], flow))
        return warp(flow, step) + step, moving[4], fixed[4]


def warp(source, field):
    extents = source.shape[2:]
    base = torch.stack(torch.meshgrid(*(torch.arange(float(extent)) for extent in extents), indexing="ij"))
    scale = torch.tensor([2.0 / (extent - 1) for extent in extents]).view(-1, *[1] * len(extents))
    grid = (base + field) * scale - 1
    return F.grid_sample(source, grid.flip(1).movedim(1, -1), align_corners=True)


def masked(value, mask):
    return (value * mask).sum() / mask.sum()


def train(args):
    network = Network(args.dims)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-5, weight_decay=1e-4)
    space = [args.size] * args.dims
    views = torch.rand(2, args.batch, 1, *space, device="cpu")
    loaded = [*views, 3 * torch.randn(args.batch, args.dims, *space, device="cpu"), torch.ones_like(views[0])]

    def step():
        moving, fixed, field, mask = (one.to(args.device) for one in loaded)
        predicted, of_moving, of_fixed = network(moving, fixed)
        cosine = F.cosine_similarity(of_fixed, warp(of_moving, field), dim=1)[:, None]
        loss = masked((predicted - field).abs(), mask) + 1 - masked(cosine, mask)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()

    return step


def embed(args):
    network = UNet(args.dims).eval()
    image = torch.rand(args.batch, 1, *[args.size] * args.dims)

    def run():
        with torch.no_grad():
            network.features(image)

    return run


class Segmenter(UNet):
    def __init__(self, dims, classes):
        super().__init__(dims)
        self.head = conv_of(dims)(WIDTHS[0], classes, 1)

    def forward(self, x):
        return self.head(self.features(x)[-1])


def soft_dice(probabilities, truth):
    space = list(range(2, truth.dim()))
    shared, both = (probabilities * truth).sum(space), probabilities.sum(space) + truth.sum(space)
    return ((2 * shared + 1) / (both + 1))[:, 1:].mean()


def finetune(args):
    network = Segmenter(args.dims, CLASSES)
    head = list(network.head.parameters())
    backbone = [one for one in network.parameters() if all(one is not other for other in head)]
    optimizer = torch.optim.AdamW([{"params": backbone, "lr": 1e-4}, {"params": head}], lr=1e-3, weight_decay=1e-4)
    space = [args.size] * args.dims
    loaded = torch.rand(args.batch, 1, *space, device="cpu"), torch.randint(CLASSES, (args.batch, *space), device="cpu")

    def step():
        image, target = (one.to(args.device) for one in loaded)
        logits = network(image)
        truth = F.one_hot(target, CLASSES).movedim(-1, 1).float()
        loss = F.cross_entropy(logits, target) + 1 - soft_dice(logits.softmax(1), truth)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()

    return step


def read(path):
    """Values [1, 1, ...], and what writes a label map beside the file."""
    if path.suffix == ".png":
        from PIL import Image

        values = torch.from_numpy(np.asarray(Image.open(path).convert("L"), np.float32) / 255)
        return values[None, None], lambda labels: Image.fromarray(labels).save(path.with_name("labels.png"))
    import nibabel

    file = nibabel.load(path)
    values = torch.from_numpy(file.get_fdata(dtype=np.float32))
    low, high = values.min(), values.max()
    save = lambda labels: nibabel.save(nibabel.Nifti1Image(labels, file.affine), path.with_name("labels.nii.gz"))
    return ((values - low) / (high - low))[None, None], save


def starts(extent, window):
    """Windows that cover half of each other, the last at the end."""
    return [*range(0, extent - window, window // 2), extent - window]


def segment(args):
    """A whole image in windows, blended with a Gaussian, from the file to the file."""
    network = Segmenter(args.dims, CLASSES).eval()
    (path,) = sorted(Path(args.files).glob("image.*"))
    window = [args.size] * args.dims
    line = torch.exp(-((torch.arange(float(args.size)) - (args.size - 1) / 2) / (args.size / 8)) ** 2 / 2)
    weight = torch.ones(window)
    for axis in range(args.dims):
        weight = weight * line.view([-1 if axis == other else 1 for other in range(args.dims)])
    weight = weight.clamp(min=1e-3)

    def run():
        image, save = read(path)
        total, count = torch.zeros(1, CLASSES, *image.shape[2:]), torch.zeros(image.shape[2:])
        corners = list(product(*(starts(extent, args.size) for extent in image.shape[2:])))
        places = [tuple(slice(start, start + args.size) for start in corner) for corner in corners]
        with torch.no_grad():
            for first in range(0, len(places), args.batch):
                some = places[first : first + args.batch]
                found = network(torch.cat([image[(..., *place)] for place in some])).softmax(1)
                for place, probabilities in zip(some, found):
                    total[0][(slice(None), *place)] += weight * probabilities
                    count[place] += weight
        save((total / count).argmax(1)[0].to(torch.uint8).numpy())

    return run


class Classifier(UNet):
    def __init__(self, dims, classes):
        super().__init__(dims)
        self.head = nn.Linear(WIDTHS[-1] + WIDTHS[0], classes)

    def forward(self, x):
        features = self.features(x)
        return self.head(torch.cat([features[level].flatten(2).mean(2) for level in (0, -1)], dim=1))


class Images(torch.utils.data.Dataset):
    def __init__(self, folder, size):
        self.paths, self.size = sorted(Path(folder).glob("*.png")), size

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, index):
        from PIL import Image

        image = Image.open(self.paths[index]).convert("L").resize((self.size, self.size), Image.BILINEAR)
        return str(self.paths[index]), torch.from_numpy(np.asarray(image, np.float32) / 255)[None]


def classify(args):
    """A folder of images, from the files to the CSV."""
    network = Classifier(args.dims, CLASSES).eval()

    def run():
        loader = torch.utils.data.DataLoader(Images(args.files, args.size), batch_size=args.batch, num_workers=1)
        with torch.no_grad(), open(Path(args.files) / "classes.csv", "w") as file:
            for paths, images in loader:
                for path, row in zip(paths, network(images).softmax(1).tolist()):
                    file.write(",".join([path, str(row.index(max(row))), *map(str, row)]) + "\n")

    return run


TASKS = {"step": train, "embed": embed, "finetune": finetune, "segment": segment, "classify": classify}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dims", type=int, default=2, choices=(2, 3))
    parser.add_argument("--size", type=int, default=128, help="of an image, or of the window")
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--steps", type=int, default=7, help="counted, after those that are not")
    parser.add_argument("--warmups", type=int, default=2)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda"))
    parser.add_argument(
        "--products",
        default="default",
        choices=("default", "ieee", "tf32"),
        help="how a card multiplies: as PyTorch is set (TF32 in convolutions), in float32 throughout, or in TF32 throughout",
    )
    parser.add_argument("--task", default="step", choices=TASKS, help="what is measured: COVER's training step, or another")
    parser.add_argument("--files", help="the folder of the image or images that segment and classify read")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    if args.device != "cpu":
        torch.set_default_device(args.device)
    if args.products != "default":
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = args.products == "tf32"
    torch.manual_seed(0)
    finish = torch.cuda.synchronize if args.device == "cuda" else lambda: None
    run = TASKS[args.task](args)
    times = []
    for _ in range(args.steps + args.warmups):
        start = time.perf_counter()
        run()
        finish()
        times.append(1000 * (time.perf_counter() - start))
    counted = sorted(times[args.warmups :])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    found = {"step": counted[len(counted) // 2], "best_step": counted[0], "peak_rss_mib": round(peak)}
    if args.device == "cuda":
        found["device"] = torch.cuda.get_device_name()
        found["peak_device_mib"] = round(torch.cuda.max_memory_allocated() / 2**20)
    print(json.dumps(found))


main()
