"""Networks as papers' own repositories write them, in plain PyTorch."""

import math

import torch
import torch.nn.functional as F
from torch import nn

from casebook import Case, Spikes, case, events, grid, images


class ActFun(torch.autograd.Function):
    """STBP (Wu et al. 2018) and everything that copied it."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.gt(0.5).float()

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * (abs(x - 0.5) < 0.5).float()


fire = ActFun.apply


class Stbp(nn.Module):
    def __init__(self, T):
        super().__init__()
        self.T = T
        self.conv1, self.conv2 = nn.Conv2d(1, 4, 3, padding=1), nn.Conv2d(4, 4, 3, padding=1)
        self.fc1, self.fc2 = nn.Linear(16, 8), nn.Linear(8, 4)
        self.s1, self.s2, self.s3, self.s4 = Spikes(), Spikes(), Spikes(), Spikes()

    def update(self, ops, x, mem, spike):
        mem = mem * 0.25 * (1.0 - spike) + ops(x)
        return mem, fire(mem)

    def forward(self, x):
        n = x.shape[0]
        m1 = s1 = torch.zeros(n, 4, 8, 8)
        m2 = s2 = torch.zeros(n, 4, 4, 4)
        m3 = s3 = torch.zeros(n, 8)
        m4 = s4 = total = torch.zeros(n, 4)
        for _ in range(self.T):
            m1, s1 = self.update(self.conv1, x, m1, s1)
            s1 = self.s1(s1)
            m2, s2 = self.update(self.conv2, F.avg_pool2d(s1, 2), m2, s2)
            s2 = self.s2(s2)
            m3, s3 = self.update(self.fc1, F.avg_pool2d(s2, 2)[:, :, :, :].flatten(1), m3, s3)
            s3 = self.s3(s3)
            m4, s4 = self.update(self.fc2, s3, m4, s4)
            s4 = self.s4(s4)
            total = total + s4
        return total / self.T


@case
def paper_stbp():
    return Case(grid(Stbp(4), 1, 3.0), images(1, 3, 1, 8, 8), 4, "STBP: mem_update, average pooling", fixed=True)


class MemUpdate(nn.Module):
    """BICLab's mem_update (MS-ResNet, Spike-driven Transformer V2): spikes written into a buffer."""

    def __init__(self):
        super().__init__()
        self.spike = Spikes()

    def forward(self, x):
        mem = torch.zeros_like(x[0])
        output = torch.zeros_like(x)
        mem_old = 0
        for i in range(x.shape[0]):
            if i >= 1:
                mem = mem_old * 0.25 * (1 - spike.detach()) + x[i]
            else:
                mem = x[i]
            spike = self.spike(fire(mem))
            mem_old = mem.clone()
            output[i] = spike
        return output


class SnnConv(nn.Conv2d):
    def forward(self, x):
        h = (x.shape[3] + 2 * self.padding[0] - self.kernel_size[0]) // self.stride[0] + 1
        c = torch.zeros(x.shape[0], x.shape[1], self.out_channels, h, h)
        for i in range(x.shape[0]):
            c[i] = F.conv2d(x[i], self.weight, self.bias, self.stride, self.padding)
        return c


class Bic(nn.Module):
    def __init__(self, T):
        super().__init__()
        self.T = T
        self.conv1, self.mem1 = SnnConv(1, 4, 3, padding=1), MemUpdate()
        self.conv2, self.mem2 = SnnConv(4, 4, 3, padding=1, stride=2), MemUpdate()
        self.fc = nn.Linear(4 * 16, 4)

    def forward(self, x):
        y = torch.zeros(self.T, *x.shape)
        for i in range(self.T):
            y[i] = x
        y = self.mem2(self.conv2(self.mem1(self.conv1(y))))
        return self.fc(y.flatten(2)).sum(0) / self.T


@case
def paper_biclab_mem_update():
    return Case(grid(Bic(4), 2, 3.0), images(2, 3, 1, 8, 8), 4, "BICLab's mem_update and Snn_Conv2d", fixed=True)


class Shd(nn.Module):
    """Yin et al. 2021: recurrent adaptive LIF on SHD, a leaky readout with softmax summed."""

    def __init__(self, T, inputs=12, hidden=10, outputs=4):
        super().__init__()
        self.T, self.hidden, self.outputs = T, hidden, outputs
        self.i2h, self.h2h, self.h2o = nn.Linear(inputs, hidden), nn.Linear(hidden, hidden), nn.Linear(hidden, outputs)
        self.tau_m, self.tau_adp = nn.Parameter(torch.linspace(2.0, 6.0, hidden)), nn.Parameter(torch.linspace(4.0, 12.0, hidden))
        self.spike = Spikes()

    def forward(self, x):
        n = x.shape[1]
        mem = spike = torch.zeros(n, self.hidden)
        b, out, answer = torch.full((n, self.hidden), 0.01), torch.zeros(n, self.outputs), torch.zeros(n, self.outputs)
        for t in range(self.T):
            h = self.i2h(x[t]) + self.h2h(spike)
            alpha, ro = torch.exp(-1.0 / self.tau_m), torch.exp(-1.0 / self.tau_adp)
            b = ro * b + (1 - ro) * spike
            B = 0.01 + 1.8 * b
            mem = mem * alpha + (1 - alpha) * h - B * spike
            spike = self.spike(((mem - B) > 0).float())
            out = 0.75 * out + 0.25 * self.h2o(spike)
            answer = answer + F.softmax(out, dim=1)
        return answer


@case
def paper_shd_adaptive():
    return Case(grid(Shd(5), 3, 1.0), events(3, 0.3, 5, 3, 12), 5, "adaptive recurrent LIF on SHD (Yin 2021)", fixed=True)


class Kwta(nn.Module):
    def __init__(self, T, k=3):
        super().__init__()
        self.T, self.k = T, k
        self.fc1, self.fc2, self.s1, self.s2 = nn.Linear(12, 10), nn.Linear(10, 4), Spikes(), Spikes()

    def forward(self, x):
        m1, m2, out = torch.zeros(x.shape[1], 10), torch.zeros(x.shape[1], 4), []
        for t in range(self.T):
            m1 = 0.5 * m1 + self.fc1(x[t])
            _, winners = torch.topk(m1, self.k, dim=1)
            s1 = self.s1(torch.zeros_like(m1).scatter(1, winners, 1.0) * (m1 > 0.25).float())
            m1 = m1 * (1 - s1)
            m2 = 0.5 * m2 + self.fc2(s1)
            s2 = self.s2((m2 > 0.5).float())
            m2 = m2 - 0.5 * s2
            out.append(s2)
        return torch.stack(out)


@case
def paper_kwta():
    net = grid(Kwta(5), 4, 2.0)
    with torch.no_grad():  # no two membranes are equal, so that every library picks the same winners
        net.fc1.bias += torch.arange(10) / 4096
    return Case(net, events(4, 0.4, 5, 3, 12), 5, "k winners take all by topk and scatter", fixed=True)


class SigmaDelta(nn.Module):
    """Sigma-delta messages with a threshold: an element is sent only when it has changed enough."""

    def __init__(self, T):
        super().__init__()
        self.T = T
        self.fc1, self.fc2, self.s1 = nn.Linear(12, 10), nn.Linear(10, 4), Spikes()

    def forward(self, x):
        n = x.shape[1]
        sent, sigma, total, last = torch.zeros(n, 10), torch.zeros(n, 10), torch.zeros(n, 4), torch.zeros(n, 12)
        for t in range(self.T):
            sigma = sigma + self.fc1(x[t] - last)
            last = x[t]
            a = torch.relu(sigma)
            delta = torch.round((a - sent) * 4) / 4
            delta = self.s1(delta)
            sent = sent + delta
            total = total + self.fc2(delta)
        return total


@case
def paper_sigma_delta():
    x = (images(5, 5, 3, 12) * 4).round() / 4
    return Case(grid(SigmaDelta(5), 5, 2.0), x, 5, "sigma-delta network, messages on a grid", fixed=True)


class Ttfs(nn.Module):
    """Each neuron fires once at most."""

    def __init__(self, T):
        super().__init__()
        self.T = T
        self.fc1, self.fc2, self.s1, self.s2 = nn.Linear(12, 10), nn.Linear(10, 4), Spikes(), Spikes()

    def forward(self, x):
        n = x.shape[1]
        m1, fired, m2, out = torch.zeros(n, 10), torch.zeros(n, 10), torch.zeros(n, 4), []
        for t in range(self.T):
            m1 = m1 + self.fc1(x[t])
            s1 = self.s1((m1 > 1.0).float() * (1 - fired))
            fired = torch.maximum(fired, s1)
            m2 = m2 + self.fc2(s1)
            s2 = self.s2((m2 > 0.5).float())
            m2 = m2 * (1 - s2)
            out.append(s2)
        return torch.stack(out)


@case
def paper_time_to_first_spike():
    return Case(grid(Ttfs(6), 6, 1.5), events(6, 0.3, 6, 3, 12), 6, "time to first spike: a neuron fires once", fixed=True)


class Ternary(nn.Module):
    def __init__(self, T):
        super().__init__()
        self.T = T
        self.fc1, self.fc2, self.s1, self.s2 = nn.Linear(12, 10), nn.Linear(10, 4), Spikes(), Spikes()

    def forward(self, x):
        m1, m2, out = 0.0, 0.0, []
        for t in range(self.T):
            m1 = 0.5 * m1 + self.fc1(x[t])
            s1 = self.s1(torch.where(m1 >= 1.0, 1.0, torch.where(m1 <= -1.0, -1.0, 0.0)))
            m1 = m1 - s1
            m2 = 0.5 * m2 + self.fc2(s1)
            s2 = self.s2(torch.sign(m2) * (m2.abs() > 0.5))
            m2 = m2 * (1 - s2.abs())
            out.append(s2)
        return torch.stack(out)


@case
def paper_ternary():
    return Case(grid(Ternary(5), 7, 2.0), events(7, 0.4, 5, 3, 12), 5, "ternary spikes (Guo et al. 2024)")


class UNet(nn.Module):
    """Spiking U-Net: spikes of the encoder concatenated with those of the decoder."""

    def __init__(self, T):
        super().__init__()
        self.T = T
        self.down1, self.down2 = nn.Conv2d(2, 4, 3, padding=1), nn.Conv2d(4, 6, 3, padding=1)
        self.up, self.last = nn.Conv2d(10, 4, 3, padding=1), nn.Conv2d(4, 2, 1)
        self.s = nn.ModuleList([Spikes() for _ in range(3)])

    def forward(self, x):
        m = [0.0, 0.0, 0.0]
        out = 0.0
        for t in range(self.T):
            def lif(i, current):
                m[i] = 0.5 * m[i] + current
                s = self.s[i]((m[i] >= 1.0).float())
                m[i] = m[i] - s
                return s
            a = lif(0, self.down1(x[t]))
            b = lif(1, self.down2(F.max_pool2d(a, 2)))
            c = lif(2, self.up(torch.cat([a, F.interpolate(b, scale_factor=2.0, mode="nearest")], 1)))
            out = out + self.last(c)
        return out


@case
def paper_unet():
    return Case(grid(UNet(4), 8, 2.5), events(8, 0.2, 4, 2, 2, 8, 8), 4, "spiking U-Net with concatenated skips")


class TiedDepth(nn.Module):
    """One block used twice a timestep (weight tying, recurrent depth)."""

    def __init__(self, T):
        super().__init__()
        self.T = T
        self.fc0, self.block, self.head = nn.Linear(12, 10), nn.Linear(10, 10), nn.Linear(10, 4)
        self.s = nn.ModuleList([Spikes() for _ in range(3)])

    def forward(self, x):
        m, out = [0.0] * 3, 0.0
        for t in range(self.T):
            z = self.fc0(x[t])
            for i in range(3):
                m[i] = 0.5 * m[i] + z
                s = self.s[i]((m[i] > 0.5).float())
                m[i] = m[i] * (1 - s)
                z = self.block(s) if i < 2 else self.head(s)
            out = out + z
        return out


class GridDelays(nn.Module):
    """Learned delays rounded to whole timesteps (DCLS at inference): a convolution over time with one tap a synapse."""

    def __init__(self, T):
        super().__init__()
        self.T = T
        self.delayed = nn.Conv1d(12, 10, 3, bias=False)
        self.fc, self.s = nn.Linear(10, 4), Spikes()

    def forward(self, x):  # [T, N, C]
        current = self.delayed(F.pad(x.permute(1, 2, 0), (2, 0))).permute(2, 0, 1)
        m, out = 0.0, 0.0
        for t in range(self.T):
            m = 0.5 * m + current[t]
            s = self.s((m > 1.0).float())
            m = m - s
            out = out + self.fc(s)
        return out


class Residual(nn.Module):
    """An identity shortcut of spikes added to the membrane's current, tdBN-style."""

    def __init__(self, T):
        super().__init__()
        self.T = T
        self.fc1, self.bn1, self.fc2, self.bn2, self.fc3 = nn.Linear(12, 10), nn.BatchNorm1d(10), nn.Linear(10, 10), nn.BatchNorm1d(10), nn.Linear(10, 4)
        self.s1, self.s2 = Spikes(), Spikes()

    def forward(self, x):
        m1 = m2 = 0.0
        out = 0.0
        for t in range(self.T):
            m1 = 0.5 * m1 + self.bn1(self.fc1(x[t]))
            a = self.s1((m1 >= 1.0).float())
            m1 = m1 - a
            m2 = 0.5 * m2 + self.bn2(self.fc2(a)) + a
            b = self.s2((m2 >= 1.0).float())
            m2 = m2 - b
            out = out + self.fc3(b + a)
        return out


@case
def paper_residual_sum():
    return Case(grid(Residual(5), 9, 2.0), events(9, 0.4, 5, 3, 12), 5, "spikes added to spikes in front of weights: values 0, 1, 2")


class Tied(nn.Module):
    """An IF network converted from a ReLU network: soft reset, thresholds, a bias at every timestep, the count is the answer."""

    def __init__(self, T):
        super().__init__()
        self.T = T
        self.conv, self.fc = nn.Conv2d(1, 4, 3), nn.Linear(36, 4)
        self.threshold = nn.Parameter(torch.tensor(0.75))
        self.s1 = Spikes()

    def forward(self, x):
        m = self.threshold / 2
        out = 0.0
        for _ in range(self.T):
            m = m + self.conv(x)
            s = self.s1((m >= self.threshold).float() * self.threshold)
            m = m - s
            out = out + self.fc(F.avg_pool2d(s, 2).flatten(1))
        return out / self.T


@case
def paper_converted_qcfs():
    return Case(grid(Tied(4), 10, 2.0), images(10, 3, 1, 8, 8), 4, "QCFS conversion: spikes of the threshold's height, half a threshold at the start")


class Diet(nn.Module):
    """DIET-SNN: a leak and a threshold learned in each layer, the last layer accumulates."""

    def __init__(self, T):
        super().__init__()
        self.T = T
        self.fc1, self.fc2, self.fc3 = nn.Linear(12, 10), nn.Linear(10, 8), nn.Linear(8, 4)
        self.leak = nn.ParameterList([nn.Parameter(torch.tensor(0.75)), nn.Parameter(torch.tensor(0.5))])
        self.threshold = nn.ParameterList([nn.Parameter(torch.tensor(0.75)), nn.Parameter(torch.tensor(1.25))])
        self.s = nn.ModuleList([Spikes(), Spikes()])

    def forward(self, x):
        m1, m2, m3 = torch.zeros(x.shape[0], 10), torch.zeros(x.shape[0], 8), torch.zeros(x.shape[0], 4)
        for _ in range(self.T):
            m1 = self.leak[0] * m1 + self.fc1(x)
            u = m1 / self.threshold[0] - 1.0
            s1 = self.s[0]((u > 0).float())
            m1 = m1 - self.threshold[0] * (u > 0).float()
            m2 = self.leak[1] * m2 + self.fc2(s1)
            u = m2 / self.threshold[1] - 1.0
            s2 = self.s[1]((u > 0).float())
            m2 = m2 - self.threshold[1] * (u > 0).float()
            m3 = m3 + self.fc3(s2)
        return m3


@case
def paper_diet_snn():
    return Case(grid(Diet(5), 11, 2.0), images(11, 3, 12), 5, "DIET-SNN", fixed=True)


class Burst(nn.Module):
    """Burst spikes: a neuron sends up to three at once."""

    def __init__(self, T):
        super().__init__()
        self.T = T
        self.fc1, self.fc2, self.s1 = nn.Linear(12, 10), nn.Linear(10, 4), Spikes()

    def forward(self, x):
        m, out = 0.0, 0.0
        for t in range(self.T):
            m = m + self.fc1(x[t])
            s = self.s1(torch.clamp(torch.floor(m), 0, 3))
            m = m - s
            out = out + self.fc2(s)
        return out


@case
def paper_burst():
    return Case(grid(Burst(5), 12, 3.0), events(12, 0.4, 5, 3, 12), 5, "burst spikes: floor of the membrane, at most 3")


class Inhibited(nn.Module):
    """Excitatory and inhibitory populations, Dale's law: the inhibitory one is driven by and drives the excitatory one."""

    def __init__(self, T):
        super().__init__()
        self.T = T
        self.ie, self.ee, self.ei, self.ix, self.out = nn.Linear(12, 10), nn.Linear(10, 10, bias=False), nn.Linear(10, 5, bias=False), nn.Linear(5, 10, bias=False), nn.Linear(10, 4)
        self.se, self.si = Spikes(), Spikes()

    def forward(self, x):
        n = x.shape[1]
        me, se, mi, si = torch.zeros(n, 10), torch.zeros(n, 10), torch.zeros(n, 5), torch.zeros(n, 5)
        answer = torch.zeros(n, 4)
        for t in range(self.T):
            me = 0.75 * me * (1 - se) + self.ie(x[t]) + self.ee(se) - self.ix(si).abs()
            mi = 0.75 * mi * (1 - si) + self.ei(se)
            se, si = self.se((me > 1.0).float()), self.si((mi > 0.25).float())
            answer = answer + self.out(se)
        return answer


@case
def paper_excitatory_inhibitory():
    return Case(grid(Inhibited(6), 13, 2.0), events(13, 0.4, 6, 3, 12), 6, "two populations in a loop", fixed=True, unread={"ei": 1, "si": 1})


class Listed(nn.Module):
    """One output a timestep."""

    def __init__(self, T):
        super().__init__()
        self.T = T
        self.fc1, self.fc2, self.s1, self.s2 = nn.Linear(12, 10), nn.Linear(10, 4), Spikes(), Spikes()

    def forward(self, x):
        m1, m2, out = torch.zeros(x.shape[0], 10), torch.zeros(x.shape[0], 4), []
        for _ in range(self.T):
            m1 = 0.5 * m1 + self.fc1(x)
            s1 = self.s1(torch.heaviside(m1 - 1.0, torch.zeros(())))
            m1 = m1 - s1
            m2 = 0.5 * m2 + self.fc2(s1)
            s2 = self.s2(torch.heaviside(m2 - 1.0, torch.zeros(())))
            m2 = m2 - s2
            out.append(s2)
        return torch.cat([o.unsqueeze(1) for o in out], dim=1)


@case
def paper_heaviside_cat():
    return Case(grid(Listed(4), 14, 2.5), images(14, 3, 12), 4, "torch.heaviside; outputs concatenated, samples first")


class Keyword(nn.Module):
    """Convolutions over audio frames within a timestep, GLU-free: Conv1d keyword spotting."""

    def __init__(self, T):
        super().__init__()
        self.T = T
        self.c1, self.c2, self.fc = nn.Conv1d(4, 6, 3, stride=2), nn.Conv1d(6, 6, 3, groups=3), nn.Linear(12, 4)
        self.s = nn.ModuleList([Spikes(), Spikes()])

    def forward(self, x):
        m1 = m2 = 0.0
        out = 0.0
        for t in range(self.T):
            m1 = 0.5 * m1 + self.c1(x[t])
            a = self.s[0]((m1 > 1.0).float())
            m1 = torch.where(a > 0, torch.zeros_like(m1), m1)
            m2 = 0.5 * m2 + self.c2(a)
            b = self.s[1]((m2 > 0.5).float())
            m2 = torch.where(b > 0, torch.zeros_like(m2), m2)
            out = out + self.fc(b.flatten(1))
        return out


@case
def paper_conv1d_keyword():
    return Case(grid(Keyword(5), 15, 2.5), events(15, 0.4, 5, 3, 4, 10), 5, "grouped Conv1d, torch.where reset")


class Attention(nn.Module):
    """Spikformer's attention in plain PyTorch: q k^T v on spikes, [T, B, N, C] throughout."""

    def __init__(self, T, C=8, heads=2):
        super().__init__()
        self.T, self.C, self.heads = T, C, heads
        self.q, self.k, self.v, self.proj, self.head = (nn.Linear(C, C) for _ in range(5))
        self.s = nn.ModuleList([Spikes() for _ in range(6)])

    def lif(self, i, x):
        m, out = torch.zeros_like(x[0]), []
        for t in range(self.T):
            m = m + (x[t] - m) / 2.0
            s = (m >= 0.5).float()
            m = m * (1 - s)
            out.append(s)
        return self.s[i](torch.stack(out))

    def forward(self, x):
        T, B, N, C = x.shape
        x = self.lif(0, x)
        q, k, v = [self.lif(i + 1, f(x)).reshape(T, B, N, self.heads, C // self.heads).permute(0, 1, 3, 2, 4) for i, f in enumerate((self.q, self.k, self.v))]
        a = (q @ k.transpose(-2, -1)) * 0.25
        y = (a @ v).transpose(2, 3).reshape(T, B, N, C)
        y = self.lif(4, y)
        y = self.lif(5, self.proj(y)) + x
        return self.head(y.mean(2)).mean(0)


@case
def paper_spiking_attention():
    return Case(grid(Attention(4), 16, 3.0), images(16, 4, 3, 6, 8) * 2, 4, "spiking self-attention in plain PyTorch", fixed=True)
