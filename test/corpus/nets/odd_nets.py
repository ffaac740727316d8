"""Habits that fewer repositories have, each of which has been read wrongly once: time on the last axis, comparisons the other way
round, delays, several words of state, spikes that gate numbers."""

import torch
import torch.nn.functional as F
from torch import nn

from casebook import Case, Spikes, case, events, grid, images


def heaviside(x):
    return (x > 0).float()


class Cuba(nn.Module):
    """SLAYER's CUBA neuron on [B, …, T]: current and voltage leak, the voltage goes back to zero."""

    def __init__(self, threshold=1.0):
        super().__init__()
        self.threshold, self.spike = threshold, Spikes()

    def forward(self, x):
        current = voltage = torch.zeros_like(x[..., 0])
        out = []
        for t in range(x.shape[-1]):
            current = 0.75 * current + x[..., t]
            voltage = 0.875 * voltage + current
            s = (voltage >= self.threshold).float()
            voltage = voltage * (1 - s)
            out.append(s)
        return self.spike(torch.stack(out, -1))


class SlayerDense(nn.Module):
    """slayer.synapse.Dense is a Conv3d with kernel 1 on [B, F, 1, 1, T]."""

    def __init__(self):
        super().__init__()
        self.fc1, self.fc2 = nn.Conv3d(10, 8, 1, bias=False), nn.Conv3d(8, 3, 1, bias=False)
        self.n1, self.n2 = Cuba(), Cuba()

    def forward(self, x):
        n, f, t = x.shape
        x = self.n1(self.fc1(x.reshape(n, f, 1, 1, t)))
        return self.n2(self.fc2(x)).reshape(n, -1, t)


@case
def slayer_dense():
    return Case(grid(SlayerDense(), 1, 1.5), events(1, 0.3, 3, 10, 6), 6, "lava-dl: slayer.block.cuba.Dense", batch_axis=0, time_last=True)


class SlayerConv(nn.Module):
    """slayer.block.cuba.Conv and Pool: kernels [k, k, 1] on [B, C, H, W, T]; a mean over time as the answer."""

    def __init__(self):
        super().__init__()
        self.conv, self.fc = nn.Conv3d(2, 4, (3, 3, 1), padding=(1, 1, 0), bias=False), nn.Conv3d(4 * 9, 3, 1, bias=False)
        self.n1, self.n2, self.n3 = Cuba(), Cuba(0.9), Cuba()
        self.register_buffer("pool", torch.full((1, 1, 2, 2, 1), 0.5))

    def forward(self, x):
        x = self.n1(self.conv(x))
        n, c, h, w, t = x.shape
        x = F.conv3d(x.reshape(n, 1, c * h, w, t), self.pool, stride=(2, 2, 1)).reshape(n, c, h // 2, w // 2, t)
        x = self.n2(x)
        return self.n3(self.fc(x.reshape(n, -1, 1, 1, t))).reshape(n, -1, t).mean(-1)


@case
def slayer_conv():
    return Case(grid(SlayerConv(), 2, 1.5), events(2, 0.3, 3, 2, 6, 6, 5), 5, "lava-dl: slayer.block.cuba.Conv, Pool", batch_axis=0, time_last=True)


class PointwiseOverTime(nn.Module):
    """Conv1d with kernel 1 on [B, F, T], then a matrix from the left."""

    def __init__(self):
        super().__init__()
        self.conv, self.w = nn.Conv1d(9, 7, 1), nn.Parameter(torch.zeros(4, 7))
        self.n1, self.n2 = Cuba(), Cuba()

    def forward(self, x):
        return self.n2(torch.matmul(self.w, self.n1(self.conv(x)))).sum(-1)


@case
def odd_pointwise_over_time():
    return Case(grid(PointwiseOverTime(), 3, 1.5), events(3, 0.3, 2, 9, 7), 7, "speech SNNs on [B, F, T]", batch_axis=0, time_last=True)


class Lif(nn.Module):
    """A LIF that is called once a timestep."""

    def __init__(self, leak=0.75, threshold=1.0, below=False):
        super().__init__()
        self.leak, self.threshold, self.below, self.spike, self.v = leak, threshold, below, Spikes(), 0.0

    def forward(self, x):
        v = self.leak * self.v + x
        s = 1.0 - (v < self.threshold).float() if self.below else (v >= self.threshold).float()
        self.v = v * (1 - s)
        return self.spike(s)


def reset(model):
    for m in model.modules():
        if hasattr(m, "restart"):
            m.restart()
        elif "v" in vars(m):
            m.v = 0.0


class Loop(nn.Module):
    """Runs `step` at every timestep and adds the answers up."""

    def __init__(self, T, static=False):
        super().__init__()
        self.T, self.static = T, static

    def forward(self, x):
        reset(self)
        return sum(self.step(x if self.static else x[t]) for t in range(self.T))


class Silence(nn.Module):
    """A neuron that reports where its membrane stays below the threshold: the next layer reads silence."""

    def __init__(self):
        super().__init__()
        self.v, self.spike = 0.0, Spikes()

    def forward(self, x):
        v = 0.75 * self.v + x
        quiet = (v < 1.0).float()
        self.v = v * quiet
        self.spike(1 - quiet)
        return quiet


class InvertedOnly(Loop):
    def __init__(self, T):
        super().__init__(T)
        self.fc1, self.fc2, self.n1, self.n2 = nn.Linear(10, 12), nn.Linear(12, 4), Silence(), Lif()

    def step(self, x):
        return self.n2(self.fc2(self.n1(self.fc1(x))))


@case
def odd_inverted_only():
    return Case(grid(InvertedOnly(5), 4, 1.5), events(4, 0.4, 5, 3, 10), 5, "inhibition by silence: weights read u < θ")


class BelowThenMinus(Loop):
    def __init__(self, T):
        super().__init__(T)
        self.fc1, self.fc2, self.n1, self.n2 = nn.Linear(10, 12), nn.Linear(12, 4), Lif(below=True), Lif(below=True)

    def step(self, x):
        return self.n2(self.fc2(self.n1(self.fc1(x))))


@case
def odd_one_minus_below():
    return Case(grid(BelowThenMinus(5), 4, 3.0), events(4, 0.4, 5, 3, 10), 5, "1 - (u < θ) as the spike")


class IandSkip(Loop):
    """SEW's IAND inside a block, and a concatenation around it."""

    def __init__(self, T):
        super().__init__(T, static=True)
        self.conv1, self.conv2, self.conv3 = nn.Conv2d(1, 4, 3, padding=1), nn.Conv2d(4, 4, 3, padding=1), nn.Conv2d(8, 4, 3, padding=1)
        self.fc, self.n1, self.n2, self.n3 = nn.Linear(4 * 9, 4), Lif(), Lif(), Lif()

    def step(self, x):
        a = self.n1(self.conv1(x))
        b = self.n2(self.conv2(a))
        c = self.n3(self.conv3(torch.cat([(1 - a) * b, a], 1)))
        return self.fc(c.flatten(1))


@case
def odd_iand_concat():
    return Case(grid(IandSkip(4), 5, 2.0), images(5, 2, 1, 3, 3), 4, "SEW-ResNet IAND with a dense skip")


class Adaptive(nn.Module):
    """LSNN's adaptive LIF: two words of state."""

    def __init__(self):
        super().__init__()
        self.v, self.spike = 0.0, Spikes()
        self.restart()

    def restart(self):
        self.v = self.a = self.s = 0.0

    def forward(self, x):
        self.a = 0.9 * self.a + self.s
        self.v = 0.8 * self.v + x - self.s * 0.6
        self.s = self.spike(heaviside(self.v - (0.6 + 0.3 * self.a)))
        return self.s


class DelayedRecurrent(Loop):
    """Recurrent spikes that arrive two timesteps later."""

    def __init__(self, T):
        super().__init__(T)
        self.fc, self.back, self.out, self.n, self.n2 = nn.Linear(8, 10), nn.Linear(10, 10, bias=False), nn.Linear(10, 3), Adaptive(), Lif()
        self.restart()

    def restart(self):
        self.past = [torch.zeros(2, 10), torch.zeros(2, 10)]

    def step(self, x):
        s = self.n(self.fc(x) + self.back(self.past[0]))
        self.past = [self.past[1], s]
        return self.n2(self.out(s))


@case
def odd_recurrent_delayed():
    return Case(grid(DelayedRecurrent(6), 6, 1.5), events(6, 0.4, 6, 2, 8), 6, "recurrent SNN with synaptic delays", fixed=True, unread={})


class TwoThresholds(nn.Module):
    """A ternary neuron: +1, 0, −1."""

    def __init__(self):
        super().__init__()
        self.v, self.spike = 0.0, Spikes()

    def forward(self, x):
        v = 0.5 * self.v + x
        s = (v >= 1.0).float() - (v <= -1.0).float()
        self.v = v - s
        return self.spike(s)


class TernaryNet(Loop):
    def __init__(self, T):
        super().__init__(T, static=True)
        self.conv, self.bn, self.fc = nn.Conv2d(2, 6, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(6), nn.Linear(24, 4)
        self.n1, self.n2 = TwoThresholds(), TwoThresholds()

    def step(self, x):
        return self.n2(self.fc(self.n1(self.bn(self.conv(x))).flatten(1)))


@case
def odd_ternary_bn():
    return Case(grid(TernaryNet(4), 7, 3.0), images(7, 3, 2, 4, 4), 4, "ternary spikes behind batch normalisation")


class Tokens(nn.Module):
    """Spiking self attention (Spikformer) whose reshapes have the batch size written in."""

    def __init__(self, T=4, tokens=6, width=8, heads=2):
        super().__init__()
        self.T, self.tokens, self.width, self.heads = T, tokens, width, heads
        self.q, self.k, self.v, self.proj, self.head = (nn.Linear(width, width) for _ in range(5))
        self.head = nn.Linear(width, 3)
        self.nq, self.nk, self.nv, self.na, self.np = Lif(), Lif(), Lif(), Lif(threshold=0.5), Lif()

    def forward(self, x):
        reset(self)
        total = 0
        for _ in range(self.T):
            q, k, v = self.nq(self.q(x)), self.nk(self.k(x)), self.nv(self.v(x))
            split = lambda z: z.reshape(x.shape[0], self.tokens, self.heads, self.width // self.heads).permute(0, 2, 1, 3)
            a = split(q) @ split(k).transpose(-2, -1)
            y = (a @ split(v)) * 0.25
            y = self.na(y.permute(0, 2, 1, 3).reshape(x.shape[0], self.tokens, self.width))
            total = total + self.head(self.np(self.proj(y)).mean(1))
        return total


@case
def odd_attention_one_sample():
    c = Case(grid(Tokens(), 8, 2.0), images(8, 1, 6, 8), 4, "spiking self attention exported for one sample", fixed=True)
    return c


@case
def odd_attention():
    return Case(grid(Tokens(), 8, 2.0), images(8, 3, 6, 8), 4, "spiking self attention", fixed=True)


class Refractory(nn.Module):
    """A counter of timesteps that the neuron stays silent after a spike."""

    def __init__(self):
        super().__init__()
        self.v, self.spike = 0.0, Spikes()
        self.restart()

    def restart(self):
        self.v = self.left = None

    def forward(self, x):
        if self.v is None:
            self.v = self.left = torch.zeros_like(x)
        free = (self.left <= 0).float()
        v = 0.8 * self.v + x * free
        s = (v > 1.0).float() * free
        self.left = torch.clamp(self.left - 1, min=0) + 2 * s
        self.v = v * (1 - s)
        return self.spike(s)


class RefractoryNet(Loop):
    def __init__(self, T):
        super().__init__(T)
        self.fc1, self.fc2, self.n1, self.n2 = nn.Linear(8, 10), nn.Linear(10, 4), Refractory(), Refractory()

    def step(self, x):
        return self.n2(self.fc2(self.n1(self.fc1(x))))


@case
def odd_refractory():
    return Case(grid(RefractoryNet(6), 9, 2.0), events(9, 0.5, 6, 3, 8), 6, "a refractory counter")


class DelayLine(nn.Module):
    """A buffer of the last d spikes, [B, d, N]; each neuron's own delay is picked out of it."""

    def __init__(self, neurons, d):
        super().__init__()
        self.neurons, self.d, self.v = neurons, d, 0.0
        self.register_buffer("delay", torch.arange(neurons) % d)
        self.restart()

    def restart(self):
        self.buffer = None

    def forward(self, s):
        if self.buffer is None:
            self.buffer = torch.zeros(s.shape[0], self.d, self.neurons)
        self.buffer = torch.cat([s.unsqueeze(1), self.buffer[:, :-1]], 1)
        index = self.delay.reshape(1, 1, -1).expand(s.shape[0], 1, -1)
        return self.buffer.gather(1, index).squeeze(1)


class DelayNet(Loop):
    def __init__(self, T):
        super().__init__(T)
        self.fc1, self.fc2, self.n1, self.n2, self.line = nn.Linear(8, 10), nn.Linear(10, 4), Lif(), Lif(), DelayLine(10, 3)

    def step(self, x):
        return self.n2(self.fc2(self.line(self.n1(self.fc1(x)))))


@case
def odd_delay_line():
    return Case(grid(DelayNet(6), 10, 2.0), events(10, 0.5, 6, 3, 8), 6, "a delay of its own for every neuron", fixed=True)


class TwoCompartments(nn.Module):
    """TC-LIF: a dendrite and a soma."""

    def __init__(self):
        super().__init__()
        self.v, self.spike = 0.0, Spikes()
        self.restart()

    def restart(self):
        self.v = self.d = self.s = 0.0

    def forward(self, x):
        self.d = self.d - 0.5 * self.v + x - 0.25 * self.s
        self.v = self.v + 0.5 * self.d - self.s
        self.s = self.spike(heaviside(self.v - 0.75))
        return self.s


class DendriteNet(Loop):
    def __init__(self, T):
        super().__init__(T)
        self.fc1, self.back, self.fc2 = nn.Linear(8, 10), nn.Linear(10, 10), nn.Linear(10, 4)
        self.n1, self.n2 = TwoCompartments(), Lif()
        self.restart()

    def restart(self):
        self.s = torch.zeros(3, 10)

    def step(self, x):
        self.s = self.n1(self.fc1(x) + self.back(self.s))
        return self.n2(self.fc2(self.s))


@case
def odd_two_compartments():
    return Case(grid(DendriteNet(6), 11, 1.5), events(11, 0.4, 6, 3, 8), 6, "TC-LIF with recurrence", fixed=True)


class GatedBySpikes(Loop):
    """A leak made from the input (liquid time constants), and spikes that scale an analog attention."""

    def __init__(self, T):
        super().__init__(T)
        self.fc1, self.gate, self.fc2, self.n2 = nn.Linear(8, 10), nn.Linear(8, 10), nn.Linear(10, 4), Lif()
        self.spike = Spikes()
        self.restart()

    def restart(self):
        self.v = torch.zeros(3, 10)

    def step(self, x):
        tau = torch.sigmoid(self.gate(x))
        self.v = tau * self.v + self.fc1(x)
        s = self.spike((self.v > 1.0).float())
        self.v = torch.where(s > 0, torch.zeros_like(self.v), self.v)
        return self.n2(self.fc2(s))


@case
def odd_liquid_leak():
    return Case(grid(GatedBySpikes(5), 12, 1.5), events(12, 0.4, 5, 3, 8), 5, "a leak that the input sets")


class Decoder(Loop):
    """Depthwise and transposed convolutions with groups."""

    def __init__(self, T):
        super().__init__(T, static=True)
        self.conv, self.depth = nn.Conv2d(1, 4, 3, stride=2, padding=1), nn.Conv2d(4, 4, 3, padding=1, groups=4, bias=False)
        self.point, self.up = nn.Conv2d(4, 6, 1), nn.ConvTranspose2d(6, 2, 2, stride=2)
        self.n1, self.n2, self.n3 = Lif(), Lif(), Lif()

    def step(self, x):
        return self.up(self.n3(self.point(self.n2(self.depth(self.n1(self.conv(x)))))))


@case
def odd_decoder():
    return Case(grid(Decoder(4), 13, 2.5), images(13, 2, 1, 6, 6), 4, "depthwise and transposed convolutions")


class Inhibiting(Loop):
    """Spikes of the timestep before inhibit their neighbours through weights, and the current waits in a synapse."""

    def __init__(self, T):
        super().__init__(T)
        self.fc1, self.side, self.fc2, self.n2 = nn.Linear(8, 10), nn.Linear(10, 10, bias=False), nn.Linear(10, 4), Lif()
        self.spike = Spikes()
        self.restart()

    def restart(self):
        self.v = self.i = self.s = torch.zeros(3, 10)

    def step(self, x):
        self.i = 0.5 * self.i + self.fc1(x) - self.side(self.s)
        self.v = 0.75 * self.v * (1 - self.s) + self.i
        self.s = self.spike((self.v > 0.75).float())
        return self.n2(self.fc2(self.s))


@case
def odd_lateral_inhibition():
    return Case(grid(Inhibiting(6), 14, 1.0), events(14, 0.5, 6, 3, 8), 6, "lateral inhibition through a synaptic current", fixed=True)


class BatchFirst(nn.Module):
    """[B, T, C, H, W] flattened sample by sample into the batch."""

    def __init__(self):
        super().__init__()
        self.conv, self.fc, self.n1, self.n2 = nn.Conv2d(2, 4, 3, padding=1), nn.Linear(64, 4), Lif(), Lif()

    def forward(self, x):
        reset(self)
        n, t = x.shape[:2]
        y = self.conv(x.flatten(0, 1)).unflatten(0, (n, t))
        y = torch.stack([self.n1(y[:, k]) for k in range(t)], 1)
        y = self.fc(y.flatten(0, 1).flatten(1)).unflatten(0, (n, t))
        return torch.stack([self.n2(y[:, k]) for k in range(t)], 1).sum(1)


@case
def odd_batch_first():
    return Case(grid(BatchFirst(), 16, 2.0), events(16, 0.3, 3, 5, 2, 4, 4), 5, "event frames [B, T, C, H, W] in the batch", batch_axis=0, sample_major=True)


class Attending(Loop):
    """Spikes times an analog channel attention: events that carry an amplitude."""

    def __init__(self, T):
        super().__init__(T, static=True)
        self.conv, self.squeeze, self.conv2, self.fc = nn.Conv2d(1, 6, 3, padding=1), nn.Linear(6, 6), nn.Conv2d(6, 4, 3, padding=1), nn.Linear(64, 3)
        self.n1, self.n2 = Lif(), Lif()

    def step(self, x):
        s = self.n1(self.conv(x))
        w = torch.sigmoid(self.squeeze(s.mean((2, 3))))
        return self.fc(self.n2(self.conv2(s * w[:, :, None, None])).flatten(1))


@case
def odd_channel_attention():
    return Case(grid(Attending(4), 17, 2.0), images(17, 2, 1, 4, 4), 4, "channel attention on spikes (TA-SNN)", numbers=("conv2",))


