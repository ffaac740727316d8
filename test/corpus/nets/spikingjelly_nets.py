"""Networks as SpikingJelly's examples, its model zoo and papers written with it build them."""

import torch
from spikingjelly.activation_based import functional, layer, neuron, surrogate
from torch import nn

from casebook import Case, case, events, grid, images


class Repeat(nn.Module):
    """Direct coding: the image is repeated T times in front of the network, the rates are averaged behind it."""

    def __init__(self, net, T, mean=True):
        super().__init__()
        self.net, self.T, self.mean = net, T, mean

    def forward(self, x):
        y = self.net(x.unsqueeze(0).repeat(self.T, *[1] * x.dim()))
        return y.mean(0) if self.mean else y


class LoopS(nn.Module):
    """Step mode s: the author's loop over timesteps, spikes summed."""

    def __init__(self, net, T, timed=False):
        super().__init__()
        self.net, self.T, self.timed = net, T, timed

    def forward(self, x):
        out = 0.0
        for t in range(self.T):
            out = out + self.net(x[t] if self.timed else x)
        return out / self.T


def made(net, x, T, source, seed, gain=2.0, mode="m", **options):
    functional.set_step_mode(net, mode)
    grid(net, seed, gain)
    return Case(net, x, T, source, reset=lambda: functional.reset_net(net), **options)


def mlp(make, sizes=(12, 10, 4), **kw):
    parts = []
    for a, b in zip(sizes, sizes[1:]):
        parts += [layer.Linear(a, b), make(b)]
    return nn.Sequential(*parts)


def lif(_n=0):
    return neuron.LIFNode(tau=2.0, surrogate_function=surrogate.ATan())


@case
def spikingjelly_lif_mlp_m():
    return made(mlp(lif), events(1, 0.3, 4, 3, 12), 4, "multi-step LIF", 1, 4.0)


@case
def spikingjelly_lif_mlp_s():
    net = LoopS(nn.Sequential(layer.Flatten(), layer.Linear(16, 10, bias=False), lif()), 5, True)
    return made(net, events(2, 0.4, 5, 3, 1, 4, 4), 5, "examples/lif_fc_mnist: Poisson encoder, loop over single steps", 2, 4.0, "s")


@case
def spikingjelly_csnn():
    net = Repeat(nn.Sequential(
        layer.Conv2d(1, 4, 3, padding=1, bias=False), layer.BatchNorm2d(4), neuron.IFNode(), layer.MaxPool2d(2, 2),
        layer.Conv2d(4, 6, 3, padding=1, bias=False), layer.BatchNorm2d(6), neuron.IFNode(), layer.MaxPool2d(2, 2),
        layer.Flatten(), layer.Linear(6 * 9, 16, bias=False), neuron.IFNode(), layer.Linear(16, 5, bias=False), neuron.IFNode(),
    ), 4)
    return made(net, images(3, 3, 1, 12, 12), 4, "examples/conv_fashion_mnist", 3, 3.0)


class Stem(nn.Module):
    """The encoder's convolution runs once, its result is repeated (Spikformer, PLIF papers, many repositories)."""

    def __init__(self, T):
        super().__init__()
        self.T = T
        self.static = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4))
        self.conv = nn.Sequential(neuron.IFNode(), layer.MaxPool2d(2, 2), layer.Conv2d(4, 6, 3, padding=1, bias=False), layer.BatchNorm2d(6),
                                  neuron.IFNode(), layer.AvgPool2d(2, 2))
        self.fc = nn.Sequential(layer.Flatten(), layer.Linear(6 * 9, 5), neuron.IFNode())

    def forward(self, x):
        x = self.static(x)
        x = x.unsqueeze(0).repeat(self.T, 1, 1, 1, 1)
        return self.fc(self.conv(x)).mean(0)


@case
def spikingjelly_static_stem():
    return made(Stem(4), images(4, 3, 1, 12, 12), 4, "tutorial: encoder convolution in front of the repeat, average pooling", 4, 3.0)


@case
def spikingjelly_loop_s_conv():
    net = LoopS(nn.Sequential(
        layer.Conv2d(2, 4, 3, padding=1, bias=False), layer.BatchNorm2d(4), lif(), layer.MaxPool2d(2, 2),
        layer.Flatten(), layer.Dropout(0.5), layer.Linear(4 * 16, 20), lif(), layer.VotingLayer(5),
    ), 4, True)
    return made(net, events(5, 0.3, 4, 3, 2, 8, 8), 4, "single steps in a loop, voting layer", 5, 4.0, "s")


@case
def spikingjelly_plif_dvs():
    plif = lambda: neuron.ParametricLIFNode(init_tau=2.0)  # noqa: E731
    net = nn.Sequential(
        layer.Conv2d(2, 4, 3, padding=1, bias=False), layer.BatchNorm2d(4), plif(), layer.MaxPool2d(2, 2),
        layer.Conv2d(4, 4, 3, padding=1, bias=False), layer.BatchNorm2d(4), plif(), layer.MaxPool2d(2, 2),
        layer.Flatten(), layer.Dropout(0.5), layer.Linear(16, 12), plif(), layer.Dropout(0.5), layer.Linear(12, 20), plif(), layer.VotingLayer(10),
    )
    return made(net, events(6, 0.3, 4, 3, 2, 8, 8), 4, "parametric_lif_net.DVSGestureNet, fewer channels", 6, 4.0)


class Sew(nn.Module):
    def __init__(self, T, cnf, stride=1):
        super().__init__()
        from spikingjelly.activation_based.model.sew_resnet import BasicBlock, conv1x1

        self.T = T
        self.conv1, self.bn1, self.sn1 = layer.Conv2d(1, 4, 3, padding=1, bias=False), layer.BatchNorm2d(4), neuron.IFNode()
        self.block1 = BasicBlock(4, 4, cnf=cnf, spiking_neuron=neuron.IFNode)
        down = nn.Sequential(conv1x1(4, 8, 2), layer.BatchNorm2d(8))
        self.block2 = BasicBlock(4, 8, stride=2, downsample=down, cnf=cnf, spiking_neuron=neuron.IFNode)
        self.avgpool, self.fc = layer.AdaptiveAvgPool2d((1, 1)), layer.Linear(8, 5)

    def forward(self, x):
        x = x.unsqueeze(0).repeat(self.T, 1, 1, 1, 1)
        x = self.sn1(self.bn1(self.conv1(x)))
        x = self.avgpool(self.block2(self.block1(x)))
        x = torch.flatten(x, 2)
        return self.fc(x).mean(0)


@case
def spikingjelly_sew_add():
    return made(Sew(4, "ADD"), images(7, 3, 1, 8, 8), 4, "sew_resnet, ADD", 7, 3.0)


@case
def spikingjelly_sew_iand():
    return made(Sew(4, "IAND"), images(8, 3, 1, 8, 8), 4, "sew_resnet, IAND", 8, 3.0)


@case
def spikingjelly_sew_and():
    return made(Sew(4, "AND"), images(9, 3, 1, 8, 8), 4, "sew_resnet, AND", 9, 4.0)


class Plain(nn.Module):
    def __init__(self, T):
        super().__init__()
        from spikingjelly.activation_based.model.spiking_resnet import BasicBlock

        self.T = T
        self.conv1, self.bn1, self.sn1 = layer.Conv2d(1, 4, 3, padding=1, bias=False), layer.BatchNorm2d(4), neuron.LIFNode()
        self.block1 = BasicBlock(4, 4, spiking_neuron=neuron.LIFNode)
        self.avgpool, self.fc = layer.AdaptiveAvgPool2d((1, 1)), layer.Linear(4, 5)

    def forward(self, x):
        x = x.unsqueeze(0).repeat(self.T, 1, 1, 1, 1)
        x = self.block1(self.sn1(self.bn1(self.conv1(x))))
        return self.fc(torch.flatten(self.avgpool(x), 2)).mean(0)


@case
def spikingjelly_spiking_resnet():
    return made(Plain(4), images(10, 3, 1, 8, 8), 4, "spiking_resnet: spikes added to numbers in front of the neuron", 10, 4.0)


class Ms(nn.Module):
    def __init__(self, T):
        super().__init__()
        from spikingjelly.activation_based.model.ms_resnet import _MSBlock

        self.T = T
        self.stem = nn.Sequential(layer.Conv2d(1, 4, 3, padding=1, bias=False), layer.BatchNorm2d(4))
        self.block1 = _MSBlock(4, 4, 1, None)
        self.block2 = _MSBlock(4, 4, 1, None)
        self.head_lif, self.avgpool, self.head = _MSBlock._make_lif(), layer.AdaptiveAvgPool2d((1, 1)), layer.Linear(4, 5)

    def forward(self, x):
        x = x.unsqueeze(0).repeat(self.T, 1, 1, 1, 1)
        x = self.head_lif(self.block2(self.block1(self.stem(x))))
        return self.head(self.avgpool(x).flatten(2)).mean(0)


@case
def spikingjelly_ms_resnet():
    return made(Ms(4), images(11, 3, 1, 8, 8), 4, "ms_resnet: membrane shortcut", 11, 2.0)


def zoo(name, seed, gain=3.0, size=16, **kw):
    import importlib

    module, cls = name.split(".")
    model = getattr(importlib.import_module(f"spikingjelly.activation_based.model.{module}"), cls)(**kw)
    return model


class Answer(nn.Module):
    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, x):
        return self.net(x)


@case
def spikingjelly_spikformer():
    net = zoo("spikformer.Spikformer", 12, T=3, in_channels=1, img_size_h=16, img_size_w=16, patch_size=4, num_classes=5, embed_dims=16, num_heads=2, depths=1)
    return made(Repeat(net, 3, mean=False), images(12, 2, 1, 16, 16), 3, "model.spikformer", 12, 4.0)


@case
def spikingjelly_qkformer():
    net = zoo("qkformer.QKFormer", 13, T=3, in_channels=1, num_classes=5, embed_dims=16, num_heads=(1, 2, 2), depths=(1, 1, 1), mlp_ratio=2.0)
    return made(Answer(net), images(13, 2, 1, 16, 16), 3, "model.qkformer", 13, 4.0)


@case
def spikingjelly_spike_driven():
    net = zoo("spike_driven_transformer.SpikeDrivenTransformer", 14, T=3, in_channels=1, num_classes=5, embed_dims=16, num_heads=2, depths=1, mlp_ratio=2.0, pooling_stat="0011")
    return made(Answer(net), images(14, 2, 1, 8, 8), 3, "model.spike_driven_transformer", 14, 4.0)


def neurons_case(name, make, seed, gain=4.0, T=4, sizes=(12, 10, 4), x=None, source=None, mode="m", **options):
    def build():
        data = events(seed, 0.4, T, 3, sizes[0]) if x is None else x
        return made(mlp(make, sizes), data, T, source or f"neuron.{name}", seed, gain, mode, **options)

    build.__name__ = f"spikingjelly_{name}"
    return case(build)


neurons_case("if_soft", lambda n: neuron.IFNode(v_reset=None), 20, 2.0)
neurons_case("lif_soft", lambda n: neuron.LIFNode(tau=4.0, decay_input=False, v_reset=None), 21, 2.0)
neurons_case("plif", lambda n: neuron.ParametricLIFNode(init_tau=2.0), 22)
neurons_case("qif", lambda n: neuron.QIFNode(tau=2.0, v_c=0.5, a0=1.0, v_threshold=1.0, v_reset=-0.125), 23, 6.0)
neurons_case("eif", lambda n: neuron.EIFNode(tau=2.0, delta_T=1.0, theta_rh=0.75, v_threshold=1.0, v_reset=-0.125), 24, 5.0)
neurons_case("izhikevich", lambda n: neuron.IzhikevichNode(tau=2.0, v_c=0.5, a0=1.0, v_threshold=1.0, v_reset=0.0, v_rest=-0.125, tau_w=2.0, a=0.25, b=0.25), 25, 6.0)
neurons_case("klif", lambda n: neuron.KLIFNode(), 26)
neurons_case("clif", lambda n: neuron.ComplementaryLIFNode(), 27, 3.0)
neurons_case("cubalif", lambda n: neuron.CUBALIFNode(), 28, 3.0, mode="m")
neurons_case("psn", lambda n: neuron.PSN(T=4), 29, 2.0)
neurons_case("masked_psn", lambda n: neuron.MaskedPSN(k=2, T=4, lambda_init=1.0, step_mode="m"), 30, 2.0)
neurons_case("sliding_psn", lambda n: neuron.SlidingPSN(k=2, step_mode="m"), 31, 3.0)
neurons_case("ternary_lif", lambda n: neuron.TernaryLIFNode(), 33)
neurons_case("ilif", lambda n: neuron.ILIFNode(), 34, 3.0, source="neuron.ILIFNode: integer spikes")
neurons_case("half_threshold_if", lambda n: neuron.HalfThresholdIFNode(), 35, 2.0)
neurons_case("raf", lambda n: neuron.RAFNode(), 36, 2.0)
neurons_case("lif_deep", lambda n: neuron.LIFNode(tau=2.0), 37, T=5, sizes=(12, 10, 8, 4))


@case
def spikingjelly_few_spike():
    table = neuron.FewSpikeTable(theta=[1.0, 0.5, 0.25], h=[1.0, 0.5, 0.25], d=[1.0, 0.5, 0.25])
    net = Repeat(mlp(lambda n: neuron.FewSpikeNode(table, step_mode="m")), 3)
    return made(net, images(38, 2, 12), 3, "neuron.FewSpikeNode", 38, heights=True)


@case
def spikingjelly_gated_lif():
    net = nn.Sequential(layer.Conv2d(2, 4, 3), neuron.GatedLIFNode(T=4, inplane=4), layer.Conv2d(4, 4, 3), neuron.GatedLIFNode(T=4, inplane=4), layer.Flatten(), layer.Linear(64, 4))
    return made(net, events(32, 0.3, 4, 3, 2, 8, 8), 4, "neuron.GatedLIFNode, gates by channel", 32, 3.0)


class Recurrent(nn.Module):
    def __init__(self, wrap):
        super().__init__()
        self.net = nn.Sequential(layer.Linear(12, 10), wrap(), layer.Linear(10, 4), lif())

    def forward(self, x):
        return self.net(x)


@case
def spikingjelly_linear_recurrent():
    net = Recurrent(lambda: layer.LinearRecurrentContainer(lif(), 10, 10))
    return made(net, events(40, 0.4, 4, 3, 12), 4, "LinearRecurrentContainer", 40, 4.0)


@case
def spikingjelly_elementwise_recurrent():
    net = Recurrent(lambda: layer.ElementWiseRecurrentContainer(lif(), lambda x, y: x - 0.5 * y))
    return made(net, events(41, 0.4, 4, 3, 12), 4, "ElementWiseRecurrentContainer", 41, 4.0)


@case
def spikingjelly_synapse_filter():
    net = nn.Sequential(layer.Linear(12, 10), lif(), layer.SynapseFilter(tau=2.0), layer.Linear(10, 4), lif())
    return made(net, events(42, 0.4, 4, 3, 12), 4, "SynapseFilter: spikes become numbers in front of weights", 42, 4.0)


@case
def spikingjelly_delay():
    net = nn.Sequential(layer.Linear(12, 10), lif(), layer.Delay(1), layer.Linear(10, 4), lif())
    return made(net, events(43, 0.5, 5, 3, 12), 5, "layer.Delay", 43, 4.0, unread={"1": 1})


def normed(norm, seed, T=4, **options):
    net = nn.Sequential(
        layer.Conv2d(2, 4, 3, padding=1, bias=False), norm(4), lif(), layer.MaxPool2d(2, 2), layer.Conv2d(4, 4, 3, bias=False), norm(4), lif(),
        layer.Flatten(), layer.Linear(16, 4), lif(),
    )
    return made(net, events(seed, 0.3, T, 3, 2, 8, 8), T, options.pop("source"), seed, 4.0, **options)


@case
def spikingjelly_tdbn():
    return normed(lambda c: layer.ThresholdDependentBatchNorm2d(1.0, 1.0, c), 44, source="ThresholdDependentBatchNorm2d")


@case
def spikingjelly_tebn():
    return normed(lambda c: layer.TemporalEffectiveBatchNorm2d(4, c), 45, source="TemporalEffectiveBatchNorm2d")


@case
def spikingjelly_bntt():
    return normed(lambda c: layer.BatchNormThroughTime2d(4, c), 46, source="BatchNormThroughTime2d")


@case
def spikingjelly_group_norm():
    return normed(lambda c: layer.GroupNorm(2, c), 47, source="GroupNorm")


@case
def spikingjelly_temporal_attention():
    net = nn.Sequential(layer.Conv2d(2, 4, 3, padding=1, bias=False), layer.BatchNorm2d(4), lif(), layer.TemporalWiseAttention(4, reduction=2),
                        layer.Conv2d(4, 4, 3, bias=False), layer.BatchNorm2d(4), lif(), layer.Flatten(), layer.Linear(4 * 36, 4), lif())
    return made(net, events(48, 0.3, 4, 3, 2, 8, 8), 4, "TemporalWiseAttention between spikes and weights", 48, 4.0)


@case
def spikingjelly_ws_conv():
    net = nn.Sequential(layer.WSConv2d(2, 4, 3, padding=1), lif(), layer.AvgPool2d(2, 2), layer.WSConv2d(4, 4, 3), lif(), layer.Flatten(), layer.WSLinear(16, 4), lif())
    return made(net, events(49, 0.3, 4, 3, 2, 8, 8), 4, "weight-standardised layers", 49, 4.0)


@case
def spikingjelly_seq_to_ann():
    net = nn.Sequential(layer.SeqToANNContainer(nn.Conv2d(2, 4, 3, padding=1), nn.BatchNorm2d(4)), lif(), layer.SeqToANNContainer(nn.AvgPool2d(2), nn.Flatten(), nn.Linear(64, 4)), lif())
    return made(net, events(50, 0.3, 4, 3, 2, 8, 8), 4, "SeqToANNContainer", 50, 4.0)


class StepLif(nn.Module):
    """One timestep with states in and out: step mode s, v set and read."""

    def __init__(self):
        super().__init__()
        self.fc1, self.sn1, self.fc2, self.sn2 = layer.Linear(12, 10), neuron.LIFNode(tau=2.0), layer.Linear(10, 4), neuron.LIFNode(tau=2.0)

    def forward(self, x, v1, v2):
        self.sn1.v, self.sn2.v = v1, v2
        s1 = self.sn1(self.fc1(x))
        s2 = self.sn2(self.fc2(s1))
        return s2, self.sn1.v, self.sn2.v


@case
def spikingjelly_step_lif():
    states = {"v1": torch.zeros(3, 10), "v2": torch.zeros(3, 4)}
    return made(StepLif(), events(51, 0.4, 5, 3, 12), 5, "step model of step mode s", 51, 4.0, "s", states=states)
