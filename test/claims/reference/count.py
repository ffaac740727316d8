"""Counts multiply-accumulates, parameters and neurons of published networks by running their authors' own code.

The builders in src/claims/architectures are written by hand; this is the independent count they are tested against.
It is no part of `npm test`: the numbers it prints are kept in counts.json beside it.

    git clone https://github.com/ZK-Zhou/spikformer CLONES/ZK-Zhou+spikformer      # and the other four below
    python count.py CLONES > counts.json

Needs torch and torchvision. Nothing is trained or downloaded: models run on the "meta" device, where tensors have
shapes and no values. Spiking neurons and small helpers of spikingjelly 0.0.0.0.12 and timm 0.6 are replaced by stand-ins
of the same shape. Every layer is counted twice: by a hook on the layer, and in the total by torch's FlopCounterMode,
which also sees products of activations; the two have to agree.
"""

import importlib.util
import json
import subprocess
import sys
import tempfile
import types
from functools import partial
from pathlib import Path

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

CLONES = Path(sys.argv[1])
neurons = 0


class Neurons(nn.Module):
    """Stands for any spiking neuron: same shape, and counts how many neurons there are (first axis: timesteps)."""

    def __init__(self, *args, **kwargs):
        super().__init__()

    def forward(self, x):
        global neurons
        neurons += x[0].numel()
        return x * 1


class OverTime(nn.Sequential):
    """spikingjelly's SeqToANNContainer: timesteps and samples as one batch."""

    def forward(self, x):
        y = super().forward(x.flatten(0, 1))
        return y.view(x.shape[0], x.shape[1], *y.shape[1:])


def module(name, **content):
    made = types.ModuleType(name)
    made.__dict__.update(content)
    sys.modules[name] = made
    parent, _, last = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], last, made)


def pair(x):
    return x if isinstance(x, tuple) else (x, x)


class Drop(nn.Identity):
    def __init__(self, *args):
        super().__init__()


module("spikingjelly")
module("spikingjelly.clock_driven")
module("spikingjelly.cext")
neuron_names = ["MultiStepLIFNode", "MultiStepParametricLIFNode", "MultiStepIFNode"]
module("spikingjelly.clock_driven.neuron", **{name: Neurons for name in neuron_names})
module("spikingjelly.cext.neuron", **{name: Neurons for name in neuron_names})
module("spikingjelly.clock_driven.layer", SeqToANNContainer=OverTime)
module("timm")
module("timm.models", create_model=None)
module("timm.models.layers", to_2tuple=pair, trunc_normal_=lambda *a, **k: None, DropPath=Drop)
module("timm.models.registry", register_model=lambda f: f)
module("timm.models.vision_transformer", _cfg=lambda **k: {})
module("einops")
module("einops.layers")
module("einops.layers.torch", Rearrange=None)


def checkout(repository):
    folder = CLONES / repository
    if not (folder / "repo").exists():
        return folder
    target = Path(tempfile.mkdtemp())
    archive = subprocess.run(["git", "--git-dir", folder / "repo", "archive", "HEAD"], check=True, capture_output=True).stdout
    subprocess.run(["tar", "-x", "-C", target], input=archive, check=True)
    return target


def load(file, name):
    sys.path.insert(0, str(file.parent))
    spec = importlib.util.spec_from_file_location(name, file)
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    sys.path.pop(0)
    return made


def count(model, side, timesteps):
    """Counts of one timestep: layers that run on all timesteps at once are divided by them."""
    global neurons
    neurons = 0
    model = model.to("meta").eval()
    layers = {}

    def hook(name):
        def record(layer, inputs, output):
            outputs = output.numel()
            if isinstance(layer, nn.Linear):
                macs = outputs * layer.in_features
                rows = outputs // layer.out_features
            else:
                per_output = layer.in_channels // layer.groups
                for size in layer.kernel_size:
                    per_output *= size
                macs = outputs * per_output
                rows = output.shape[0]
            layers[name] = (macs, rows)

        return record

    for name, layer in model.named_modules():
        if isinstance(layer, (nn.Conv1d, nn.Conv2d, nn.Linear)):
            layer.register_forward_hook(hook(name))
    with torch.no_grad(), FlopCounterMode(display=False) as flops:
        model(torch.zeros(1, 3, side, side, device="meta"))
    total = flops.get_total_flops() // 2
    weights = sum(macs for macs, _ in layers.values())
    # A layer seen with as many rows as timesteps ran at each of them (linear layers on tokens: rows are tokens too).
    at_each = {name: macs // timesteps if rows % timesteps == 0 else macs for name, (macs, rows) in layers.items()}
    return {
        "side": side,
        "layers": {name.replace(".module", ""): macs for name, macs in at_each.items()},
        "productMacs": (total - weights) // timesteps,
        "neurons": neurons,
        "parameters": sum(p.numel() for p in model.parameters()),
    }


def transformers():
    norm = partial(nn.LayerNorm, eps=1e-6)
    spikformer = load(checkout("ZK-Zhou+spikformer") / "imagenet/model.py", "spikformer_imagenet")
    for blocks, dim, heads in [(8, 384, 8), (6, 512, 8), (8, 512, 8), (10, 512, 8), (8, 768, 12)]:
        model = spikformer.Spikformer(224, 224, 16, 3, 1000, dim, heads, 4, norm_layer=norm, depths=blocks, sr_ratios=1)
        yield f"spikformer-{blocks}-{dim}@224", count(model, 224, 4)
    spikformer = load(checkout("ZK-Zhou+spikformer") / "cifar10/model.py", "spikformer_cifar")
    for blocks, dim, heads in [(4, 256, 8), (2, 384, 12), (4, 384, 12)]:
        model = spikformer.Spikformer(32, 32, 4, 3, 10, dim, heads, 4, norm_layer=norm, depths=blocks, sr_ratios=1)
        yield f"spikformer-{blocks}-{dim}@32", count(model, 32, 4)
    spikingformer = load(checkout("zhouchenlin2096+Spikingformer") / "imagenet/model.py", "spikingformer_imagenet")
    for blocks, dim, heads in [(8, 384, 8), (8, 512, 8), (8, 768, 12)]:
        model = spikingformer.vit_snn(224, 224, 16, 3, 1000, dim, heads, 4, norm_layer=norm, depths=blocks, sr_ratios=1, T=4)
        yield f"spikingformer-{blocks}-{dim}@224", count(model, 224, 4)
    folder = checkout("BICLab+Spike-Driven-Transformer")
    sys.path.insert(0, str(folder))
    sdt = load(folder / "model/spikeformer.py", "sdt")
    for blocks, dim, heads in [(8, 384, 8), (6, 512, 8), (8, 512, 8), (10, 512, 8), (8, 768, 8)]:
        model = sdt.SpikeDrivenTransformer(224, 224, 16, 3, 1000, dim, heads, 4, norm_layer=norm, depths=blocks, sr_ratios=1, T=4)
        yield f"sdt-{blocks}-{dim}@224", count(model, 224, 4)
    for blocks, dim in [(2, 256), (2, 512)]:
        model = sdt.SpikeDrivenTransformer(
            32, 32, 4, 3, 10, dim, 8, 4, norm_layer=norm, depths=blocks, sr_ratios=1, T=4, pooling_stat="0011"
        )
        yield f"sdt-{blocks}-{dim}@32", count(model, 32, 4)
    folder = checkout("zhouchenlin2096+QKFormer")
    qkformer = load(folder / "imagenet/qkformer.py", "qkformer_imagenet")
    for dim in [384, 512, 768]:
        yield f"qkformer-10-{dim}@224", count(getattr(qkformer, f"QKFormer_10_{dim}")(T=4), 224, 4)
    qkformer = load(folder / "cifar10/model.py", "qkformer_cifar")
    model = qkformer.spiking_transformer(32, 32, 4, 3, 10, 384, [8, 8, 8], 4, norm_layer=norm, depths=4, sr_ratios=1, T=4)
    yield "qkformer-4-384@32", count(model, 32, 4)


def convolutional():
    sew = load(checkout("fangwei123456+Spike-Element-Wise-ResNet") / "imagenet/sew_resnet.py", "sew_resnet")
    for depth in [18, 34, 50, 101, 152]:
        model = getattr(sew, f"sew_resnet{depth}")(T=4, connect_f="ADD")
        yield f"sew-resnet-{depth}@224", count(model, 224, 4)
    import torchvision

    for depth in [11, 13, 16, 19]:
        model = getattr(torchvision.models, f"vgg{depth}")()
        for child in list(model.modules()):
            for name, inner in list(child.named_children()):
                if isinstance(inner, nn.ReLU):
                    setattr(child, name, PlainNeurons())
        yield f"vgg{depth}@224", count(model, 224, 1)
    for name, plan in {
        "vgg6": "64 A 128 128 A",
        "vgg9": "64 A 128 256 A 256 512 A 512 A 512",
        "vgg11": "64 A 128 256 A 512 512 A 512 A 512 512",
        "vgg16": "64 64 A 128 128 A 256 256 256 A 512 512 512 A 512 512 512",
    }.items():
        yield f"{name}@32", count(group_vgg(plan), 32, 1)
    for name, blocks in {"resnet12": [1, 1, 1, 1], "resnet20": [2, 2, 2, 2]}.items():
        yield f"{name}@32", count(GroupResNet(blocks), 32, 1)
    yield "resnet19@32", count(ResNet19(), 32, 1)


class PlainNeurons(Neurons):
    """Neurons of a network without a time axis."""

    def forward(self, x):
        return super().forward(x.unsqueeze(0))[0]


def group_vgg(plan):
    """The IIR-SNN group's VGG with batch normalisation folded into biased convolutions (its released layer lists)."""
    layers, channels, side = [], 3, 32
    for entry in plan.split():
        if entry == "A":
            layers.append(nn.AvgPool2d(2))
            side //= 2
        else:
            layers += [nn.Conv2d(channels, int(entry), 3, padding=1), PlainNeurons()]
            channels = int(entry)
    layers.append(nn.Flatten())
    inputs = channels * side * side
    for units in [4096, 4096]:
        layers += [nn.Linear(inputs, units, bias=False), PlainNeurons()]
        inputs = units
    return nn.Sequential(*layers, nn.Linear(inputs, 10, bias=False))


class GroupBlock(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.first = nn.Conv2d(inputs, outputs, 3, stride, 1)
        self.second = nn.Conv2d(outputs, outputs, 3, 1, 1)
        self.shortcut = nn.Conv2d(inputs, outputs, 1, stride) if stride > 1 or inputs != outputs else None
        self.fire = PlainNeurons()

    def forward(self, x):
        y = self.second(self.fire(self.first(x)))
        return self.fire(y + (x if self.shortcut is None else self.shortcut(x)))


class GroupResNet(nn.Module):
    """The IIR-SNN group's ResNet12 and ResNet20: three convolutions, a pooling, four stages of 64 to 512 channels."""

    def __init__(self, blocks):
        super().__init__()
        stem = []
        for channels in [3, 64, 64]:
            stem += [nn.Conv2d(channels, 64, 3, padding=1), PlainNeurons()]
        stages, inputs = [], 64
        for stage, number in enumerate(blocks):
            for block in range(number):
                stages.append(GroupBlock(inputs, 64 << stage, 2 if stage > 0 and block == 0 else 1))
                inputs = 64 << stage
        self.all = nn.Sequential(*stem, nn.AvgPool2d(2), *stages, nn.Flatten(), nn.Linear(512 * 4, 10, bias=False))

    def forward(self, x):
        return self.all(x)


class ResNet19Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.shortcut = None
        if stride > 1 or inputs != outputs:
            self.shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))
        self.fire = PlainNeurons()

    def forward(self, x):
        y = self.bn2(self.conv2(self.fire(self.bn1(self.conv1(x)))))
        return self.fire(y + (x if self.shortcut is None else self.shortcut(x)))


class ResNet19(nn.Module):
    """H. Zheng et al., AAAI 2021 (tdBN): 128 ×3, 256 ×3, 512 ×2 blocks, dense 256, classes."""

    def __init__(self):
        super().__init__()
        layers, inputs = [nn.Conv2d(3, 128, 3, padding=1, bias=False), nn.BatchNorm2d(128), PlainNeurons()], 128
        for outputs, number, stride in [(128, 3, 1), (256, 3, 2), (512, 2, 2)]:
            for block in range(number):
                layers.append(ResNet19Block(inputs, outputs, stride if block == 0 else 1))
                inputs = outputs
        layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 256), PlainNeurons(), nn.Linear(256, 10)]
        self.all = nn.Sequential(*layers)

    def forward(self, x):
        return self.all(x)


results = {name: counts for part in (convolutional, transformers) for name, counts in part()}
lines = [f"{json.dumps(name)}: {json.dumps(counts)}" for name, counts in results.items()]
print("{\n" + ",\n".join(lines) + "\n}")
