"""A pretrained backbone in PyTorch: the weights that `cover export --safetensors` writes, under the names of the authors' state dict.

    cover export runs/xrays --safetensors backbone.safetensors --backbone-only
    cover embed runs/xrays scan.png --scale 1 --grid network -o features
    python examples/torch_backbone.py backbone.safetensors scan.png features/scan.npy

It computes the features of an image whose extents are divisible by 16, compares them with those of `cover embed`, and writes backbone.pt for
torch.load. Needs torch, safetensors, numpy and pillow.
"""
import sys

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional as F


class DoubleConv(nn.Module):
    """Twice: convolution 3, group normalisation with groups of 8 channels, LeakyReLU 0.2."""

    def __init__(self, conv, before, after):
        super().__init__()
        layers = []
        for channels in (before, after):
            layers += [conv(channels, after, 3, padding=1), nn.GroupNorm(after // 8, after), nn.LeakyReLU(0.2)]
        self.double_conv = nn.Sequential(*layers)

    def forward(self, x):
        return self.double_conv(x)


class Down(nn.Module):
    def __init__(self, conv, before, after):
        super().__init__()
        pool = nn.MaxPool2d if conv is nn.Conv2d else nn.MaxPool3d
        self.maxpool_conv = nn.Sequential(pool(2), DoubleConv(conv, before, after))

    def forward(self, x):
        return self.maxpool_conv(x)


class Up(nn.Module):
    def __init__(self, conv, before, after):
        super().__init__()
        self.mode = "bilinear" if conv is nn.Conv2d else "trilinear"
        self.conv = DoubleConv(conv, before, after)

    def forward(self, x, skip):
        return self.conv(torch.cat([skip, F.interpolate(x, scale_factor=2, mode=self.mode, align_corners=False)], 1))


class Backbone(nn.Module):
    """The five-level U-Net; 2D or 3D, with the channels that the weights have."""

    def __init__(self, state):
        super().__init__()
        first = state["inc.double_conv.0.weight"]
        conv = nn.Conv2d if first.ndim == 4 else nn.Conv3d
        down = [f"down{level}.maxpool_conv.1.double_conv.0.weight" for level in (1, 2, 3, 4)]
        up = [f"up{level}.conv.double_conv.0.weight" for level in (1, 2, 3, 4)]
        c = [state[name].shape[0] for name in ["inc.double_conv.0.weight", *down, *up]]
        self.inc = DoubleConv(conv, first.shape[1], c[0])
        for level in range(1, 5):
            setattr(self, f"down{level}", Down(conv, c[level - 1], c[level]))
            setattr(self, f"up{level}", Up(conv, c[3 + level] + c[4 - level], c[4 + level]))
        self.load_state_dict(state)

    def forward(self, x):
        """Features of the full resolution, [B, C, ...S]; every extent of x is divisible by 16."""
        maps = [self.inc(x)]
        for level in range(1, 5):
            maps.append(getattr(self, f"down{level}")(maps[-1]))
        y = maps.pop()
        for level in range(1, 5):
            y = getattr(self, f"up{level}")(y, maps.pop())
        return y


def main():
    weights, picture, features = sys.argv[1:]
    prefix = "backbone."
    # Beside the backbone there may be projections, proj.*, which only displacement fields need.
    state = {name[len(prefix) :]: tensor for name, tensor in load_file(weights).items() if name.startswith(prefix)}
    backbone = Backbone(state).eval()
    values = torch.from_numpy(np.asarray(Image.open(picture).convert("L"), dtype=np.float32) / 255)
    with torch.no_grad():
        found = backbone(values[None, None])[0].numpy()
    expected = np.load(features)
    print(f"features {list(found.shape)}, largest difference {np.abs(found - expected).max():.1e} of {np.abs(expected).max():.2f}")
    torch.save(backbone.state_dict(), "backbone.pt")
    torch.load("backbone.pt", weights_only=True)


if __name__ == "__main__":
    main()
