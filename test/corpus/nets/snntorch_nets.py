"""Networks as snnTorch's tutorials, examples and users build them."""

import snntorch as snn
import torch
from snntorch import spikegen, utils
from torch import nn

from casebook import Case, case, events, grid, images


class Loop(nn.Module):
    """Tutorial 5: a loop over timesteps, states handed on, spikes and membranes stacked."""

    def __init__(self, *pairs, T=5, states="mem", timed=False, record="both", flatten=False):
        super().__init__()
        for at, (weights, neuron) in enumerate(pairs, 1):
            setattr(self, f"fc{at}", weights)
            setattr(self, f"lif{at}", neuron)
        self.n, self.T, self.timed, self.record, self.flatten = len(pairs), T, timed, record, flatten

    def forward(self, x):
        states = []
        for at in range(1, self.n + 1):
            start = getattr(self, f"lif{at}").reset_mem()
            states.append(start if isinstance(start, tuple) else (start,))
        spk_rec, mem_rec = [], []
        for step in range(self.T):
            z = x[step] if self.timed else x
            for at in range(1, self.n + 1):
                if self.flatten and at == self.n:
                    z = z.flatten(1)
                z = getattr(self, f"fc{at}")(z)
                lif = getattr(self, f"lif{at}")
                z, *states[at - 1] = lif(z, *states[at - 1])
            spk_rec.append(z)
            mem_rec.append(states[-1][-1])
        if self.record == "spikes":
            return torch.stack(spk_rec, dim=0)
        return torch.stack(spk_rec, dim=0), torch.stack(mem_rec, dim=0)


def fc(lif, T=5, seed=1, timed=False, gain=2.0, sizes=(12, 10, 4), record="both", rate=0.3):
    sizes_ = list(zip(sizes, sizes[1:]))
    net = Loop(*[(nn.Linear(a, b), lif(b)) for a, b in sizes_], T=T, timed=timed, record=record)
    x = events(seed, rate, T, 3, sizes[0]) if timed else images(seed, 3, sizes[0])
    return grid(net, seed, gain), x


@case
def snntorch_leaky_fc():
    net, x = fc(lambda n: snn.Leaky(beta=0.75))
    return Case(net, x, 5, "tutorial 5")


@case
def snntorch_leaky_zero_reset():
    net, x = fc(lambda n: snn.Leaky(beta=0.5, reset_mechanism="zero"), seed=2)
    return Case(net, x, 5, "tutorial 3, reset to zero")


@case
def snntorch_leaky_learned():
    def lif(n):
        return snn.Leaky(beta=torch.full((n,), 0.875), threshold=torch.linspace(0.5, 1.5, n), learn_beta=True, learn_threshold=True)
    net, x = fc(lif, seed=3)
    return Case(net, x, 5, "learn_beta and learn_threshold, one a neuron")


@case
def snntorch_rate_coded():
    net, _ = fc(lambda n: snn.Leaky(beta=0.875), timed=True, seed=4)
    torch.manual_seed(4)
    return Case(net, spikegen.rate(images(4, 3, 12), num_steps=5), 5, "tutorial 1, spikegen.rate")


@case
def snntorch_latency_coded():
    net, _ = fc(lambda n: snn.Leaky(beta=0.875), timed=True, seed=5, gain=3.0)
    x = spikegen.latency(images(5, 3, 12), num_steps=5, normalize=True, linear=True)
    return Case(net, x, 5, "tutorial 1, spikegen.latency")


@case
def snntorch_delta_coded():
    net, _ = fc(lambda n: snn.Leaky(beta=0.875), timed=True, seed=6, gain=3.0)
    x = spikegen.delta(images(6, 5, 3, 12), threshold=0.15, off_spike=True)
    return Case(net, x, 5, "tutorial 1, spikegen.delta with off spikes")


class Conv(nn.Module):
    """Tutorial 6: convolutions, pooling, hidden states kept by the modules."""

    def __init__(self, T, pool, timed=False, channels=1):
        super().__init__()
        self.T, self.timed = T, timed
        self.net = nn.Sequential(
            nn.Conv2d(channels, 4, 3), pool(2), snn.Leaky(beta=0.5, init_hidden=True),
            nn.Conv2d(4, 6, 3), pool(2), snn.Leaky(beta=0.5, init_hidden=True),
            nn.Flatten(), nn.Linear(6 * 4, 5), snn.Leaky(beta=0.5, init_hidden=True, output=True),
        )

    def forward(self, x):
        spk_rec, mem_rec = [], []
        utils.reset(self.net)
        for step in range(self.T):
            spk, mem = self.net(x[step] if self.timed else x)
            spk_rec.append(spk)
            mem_rec.append(mem)
        return torch.stack(spk_rec), torch.stack(mem_rec)


@case
def snntorch_conv_maxpool():
    return Case(grid(Conv(4, nn.MaxPool2d), 7), images(7, 3, 1, 14, 14), 4, "tutorial 6, CSNN")


@case
def snntorch_conv_avgpool():
    return Case(grid(Conv(4, nn.AvgPool2d), 8, gain=3.0), images(8, 3, 1, 14, 14), 4, "tutorial 6 with average pooling")


@case
def snntorch_neuromorphic():
    return Case(grid(Conv(4, nn.MaxPool2d, True, 2), 9), events(9, 0.2, 4, 3, 2, 14, 14), 4, "tutorial 7, N-MNIST frames of tonic")


class PoolAfter(nn.Module):
    def __init__(self, T, pool):
        super().__init__()
        self.T = T
        self.conv1, self.lif1 = nn.Conv2d(1, 4, 3, padding=1, stride=2), snn.Leaky(beta=0.5)
        self.pool = pool
        self.conv2, self.lif2 = nn.Conv2d(4, 6, 3), snn.Leaky(beta=0.5)
        self.fc, self.lif3 = nn.Linear(6 * 4, 5), snn.Leaky(beta=0.5)

    def forward(self, x):
        m1, m2, m3 = self.lif1.reset_mem(), self.lif2.reset_mem(), self.lif3.reset_mem()
        out = []
        for _ in range(self.T):
            s1, m1 = self.lif1(self.conv1(x), m1)
            s2, m2 = self.lif2(self.conv2(self.pool(s1)), m2)
            s3, m3 = self.lif3(self.fc(s2.flatten(1)), m3)
            out.append(s3)
        return torch.stack(out)


@case
def snntorch_spikes_averaged():
    return Case(grid(PoolAfter(4, nn.AvgPool2d(2)), 10, gain=3.0), images(10, 3, 1, 16, 16), 4, "average pooling between spikes and weights")


@case
def snntorch_spikes_maxed():
    return Case(grid(PoolAfter(4, nn.MaxPool2d(2)), 41, gain=2.5), images(11, 3, 1, 16, 16), 4, "max pooling between spikes and weights")


@case
def snntorch_synaptic():
    net, x = fc(lambda n: snn.Synaptic(alpha=0.5, beta=0.75), seed=12, timed=True)
    return Case(net, x, 5, "tutorial 4, Synaptic")


@case
def snntorch_alpha():
    net, x = fc(lambda n: snn.Alpha(alpha=0.75, beta=0.5), seed=13, timed=True, gain=4.0)
    return Case(net, x, 5, "tutorial 4, Alpha")


@case
def snntorch_lapicque():
    net, x = fc(lambda n: snn.Lapicque(R=5.1, C=5e-3, time_step=1e-2), seed=14, gain=4.0)
    return Case(net, x, 5, "tutorial 2, Lapicque")


@case
def snntorch_rleaky():
    net, x = fc(lambda n: snn.RLeaky(beta=0.5, linear_features=n), seed=15, timed=True)
    return Case(net, x, 5, "RLeaky, all to all")


@case
def snntorch_rleaky_one_to_one():
    net, x = fc(lambda n: snn.RLeaky(beta=0.5, all_to_all=False, V=torch.full((n,), 0.25)), seed=16, timed=True)
    return Case(net, x, 5, "RLeaky, one to one")


@case
def snntorch_rleaky_conv():
    net = Loop((nn.Conv2d(2, 4, 3, padding=1), snn.RLeaky(beta=0.5, conv2d_channels=4, kernel_size=3)),
               (nn.Linear(4 * 36, 5), snn.Leaky(beta=0.5)), T=4, timed=True, flatten=True)
    return Case(grid(net, 17), events(17, 0.2, 4, 3, 2, 6, 6), 4, "RLeaky, convolutional recurrence")


@case
def snntorch_rsynaptic():
    net, x = fc(lambda n: snn.RSynaptic(alpha=0.5, beta=0.5, linear_features=n), seed=18, timed=True)
    return Case(net, x, 5, "RSynaptic")


class Slstm(nn.Module):
    def __init__(self, T):
        super().__init__()
        self.T = T
        self.slstm1 = snn.SLSTM(8, 8, threshold=0.1)
        self.slstm2 = snn.SLSTM(8, 8, threshold=0.1)

    def forward(self, x):
        syn1, mem1 = self.slstm1.reset_mem()
        syn2, mem2 = self.slstm2.reset_mem()
        out = []
        for step in range(self.T):
            spk1, syn1, mem1 = self.slstm1(x[step], syn1, mem1)
            spk2, syn2, mem2 = self.slstm2(spk1, syn2, mem2)
            out.append(spk2)
        return torch.stack(out)


@case
def snntorch_slstm():
    return Case(grid(Slstm(4), 19), images(19, 4, 3, 8), 4, "SLSTM's documentation")


class Sconv(nn.Module):
    def __init__(self, T):
        super().__init__()
        self.T = T
        self.sclstm1 = snn.SConv2dLSTM(1, 4, 3, max_pool=2, threshold=0.1)
        self.sclstm2 = snn.SConv2dLSTM(4, 4, 3, threshold=0.1)
        self.fc1 = nn.Linear(4 * 16, 5)
        self.lif1 = snn.Leaky(beta=0.5)

    def forward(self, x):
        a1, b1 = self.sclstm1.reset_mem()
        a2, b2 = self.sclstm2.reset_mem()
        mem = self.lif1.reset_mem()
        out = []
        for step in range(self.T):
            s1, a1, b1 = self.sclstm1(x[step], a1, b1)
            s2, a2, b2 = self.sclstm2(s1, a2, b2)
            spk, mem = self.lif1(self.fc1(s2.flatten(1)), mem)
            out.append(spk)
        return torch.stack(out)


@case
def snntorch_sconv2dlstm():
    return Case(grid(Sconv(3), 20), images(20, 3, 2, 1, 8, 8), 3, "SConv2dLSTM's documentation")


class Bntt(nn.Module):
    def __init__(self, T):
        super().__init__()
        from snntorch.functional.loss import ce_rate_loss  # noqa: F401

        self.T = T
        self.conv1, self.bn1, self.lif1 = nn.Conv2d(1, 4, 3, bias=False), snn.BatchNormTT2d(4, T), snn.Leaky(beta=0.5)
        self.fc, self.bn2, self.lif2 = nn.Linear(4 * 36, 5, bias=False), snn.BatchNormTT1d(5, T), snn.Leaky(beta=0.5)

    def forward(self, x):
        m1, m2, out = self.lif1.reset_mem(), self.lif2.reset_mem(), []
        for t in range(self.T):
            s1, m1 = self.lif1(self.bn1[t](self.conv1(x)), m1)
            s2, m2 = self.lif2(self.bn2[t](self.fc(s1.flatten(1))), m2)
            out.append(s2)
        return torch.stack(out)


@case
def snntorch_bntt():
    return Case(grid(Bntt(4), 21), images(21, 3, 1, 8, 8), 4, "BatchNormTT2d and BatchNormTT1d")


@case
def snntorch_population():
    net, x = fc(lambda n: snn.Leaky(beta=0.875), seed=22, sizes=(12, 10, 40), record="spikes")
    return Case(net, x, 5, "population coding tutorial: ten neurons a class")


@case
def snntorch_inhibition():
    net, x = fc(lambda n: snn.Leaky(beta=0.875, inhibition=True), seed=23, gain=4.0)
    return Case(net, x, 5, "inhibition=True", fixed=True)


@case
def snntorch_reset_at_once():
    net, x = fc(lambda n: snn.Leaky(beta=0.875, reset_delay=False), seed=24)
    return Case(net, x, 5, "reset_delay=False")


@case
def snntorch_graded():
    net, x = fc(lambda n: snn.Leaky(beta=0.875, graded_spikes_factor=0.5), seed=25, gain=3.0)
    return Case(net, x, 5, "graded_spikes_factor")


@case
def snntorch_state_quant():
    from snntorch.functional import quant

    net, x = fc(lambda n: snn.Leaky(beta=0.875, state_quant=quant.state_quant(num_bits=4, uniform=True, threshold=1.0)), seed=26)
    return Case(net, x, 5, "quantisation tutorial: state_quant")


class Regression(nn.Module):
    def __init__(self, T):
        super().__init__()
        self.T = T
        self.fc1, self.lif1 = nn.Linear(3, 12), snn.Leaky(beta=0.75)
        self.fc2, self.li = nn.Linear(12, 1), snn.Leaky(beta=0.75, reset_mechanism="none")

    def forward(self, x):
        m1, m2, rec = self.lif1.reset_mem(), self.li.reset_mem(), []
        for step in range(self.T):
            s1, m1 = self.lif1(self.fc1(x[step]), m1)
            _, m2 = self.li(self.fc2(s1), m2)
            rec.append(m2)
        return torch.stack(rec)


@case
def snntorch_regression():
    return Case(grid(Regression(6), 27), images(27, 6, 2, 3), 6, "regression tutorial 1: the membrane is the answer", skip=("li",))


class Buffered(nn.Module):
    def __init__(self, T):
        super().__init__()
        self.T = T
        self.fc1, self.lif1 = nn.Linear(12, 10), snn.Leaky(beta=0.5)
        self.fc2, self.lif2 = nn.Linear(10, 4), snn.Leaky(beta=0.5)

    def forward(self, x):
        m1, m2 = self.lif1.reset_mem(), self.lif2.reset_mem()
        spk_rec = torch.zeros(self.T, x.shape[0], 4)
        for step in range(self.T):
            s1, m1 = self.lif1(self.fc1(x), m1)
            s2, m2 = self.lif2(self.fc2(s1), m2)
            spk_rec[step] = s2
        return spk_rec


@case
def snntorch_written_in_place():
    return Case(grid(Buffered(5), 28), images(28, 3, 12), 5, "spk_rec[step] = spk")


class Autoencoder(nn.Module):
    def __init__(self, T):
        super().__init__()
        self.T = T
        self.encoder = nn.Sequential(
            nn.Conv2d(1, 4, 3, padding=1, stride=2), nn.BatchNorm2d(4), snn.Leaky(beta=0.5, init_hidden=True),
            nn.Flatten(), nn.Linear(64, 8), snn.Leaky(beta=0.5, init_hidden=True, output=True),
        )
        self.linearNet = nn.Sequential(nn.Linear(8, 64), snn.Leaky(beta=0.5, init_hidden=True, output=True))
        self.decoder = nn.Sequential(
            nn.Unflatten(1, (4, 4, 4)), snn.Leaky(beta=0.5, init_hidden=True),
            nn.ConvTranspose2d(4, 3, 3, padding=1, stride=2, output_padding=1), nn.BatchNorm2d(3), snn.Leaky(beta=0.5, init_hidden=True),
            nn.ConvTranspose2d(3, 1, 3, padding=1), nn.Sigmoid(), snn.Leaky(beta=0.5, init_hidden=True, output=True),
        )

    def forward(self, x):
        utils.reset(self.encoder), utils.reset(self.linearNet), utils.reset(self.decoder)
        rec = []
        for _ in range(self.T):
            spk, _ = self.encoder(x)
            spk, _ = self.linearNet(spk)
            spk, mem = self.decoder(spk)
            rec.append(spk)
        return torch.stack(rec)


@case
def snntorch_autoencoder():
    return Case(grid(Autoencoder(4), 29, gain=3.0), images(29, 2, 1, 8, 8), 4, "spiking autoencoder tutorial: a LIF layer right behind another, Sigmoid in front of the last")


class Dropped(nn.Module):
    def __init__(self, T):
        super().__init__()
        self.T = T
        self.fc1, self.lif1, self.drop = nn.Linear(12, 16), snn.Leaky(beta=0.875), nn.Dropout(0.5)
        self.fc2, self.lif2 = nn.Linear(16, 4), snn.Leaky(beta=0.875)

    def forward(self, x):
        m1, m2, out = self.lif1.reset_mem(), self.lif2.reset_mem(), []
        for _ in range(self.T):
            s1, m1 = self.lif1(self.fc1(x), m1)
            s2, m2 = self.lif2(self.fc2(self.drop(s1)), m2)
            out.append(s2)
        return torch.stack(out).sum(0)


@case
def snntorch_dropout_spike_count():
    return Case(grid(Dropped(5), 30), images(30, 3, 12), 5, "Dropout in eval mode; the answer is the spike count")


class Step(nn.Module):
    """One timestep, states in and out, as SNNs are exported for deployment."""

    def __init__(self, first, lif1, second, lif2, words=1):
        super().__init__()
        self.fc1, self.lif1, self.fc2, self.lif2, self.words = first, lif1, second, lif2, words

    def forward(self, x, *states):
        w = self.words
        s1, *a = self.lif1(self.fc1(x), *states[:w])
        s2, *b = self.lif2(self.fc2(s1.flatten(1)), *states[w:])
        return (s2, *a, *b)


@case
def snntorch_step_leaky():
    net = Step(nn.Linear(12, 10), snn.Leaky(beta=0.75), nn.Linear(10, 4), snn.Leaky(beta=0.75))
    states = {"mem1": torch.zeros(3, 10), "mem2": torch.zeros(3, 4)}
    return Case(grid(net, 31), images(31, 3, 12), 5, "step model, states named", states=states)


@case
def snntorch_step_conv():
    net = Step(nn.Conv2d(2, 4, 3, stride=2), snn.Leaky(beta=0.5), nn.Linear(36, 4), snn.Leaky(beta=0.5))
    states = {"mem1": torch.zeros(3, 4, 3, 3), "mem2": torch.zeros(3, 4)}
    return Case(grid(net, 32), events(32, 0.3, 5, 3, 2, 8, 8), 5, "step model of a convolution on frames", states=states)


@case
def snntorch_step_synaptic():
    net = Step(nn.Linear(12, 10), snn.Synaptic(alpha=0.5, beta=0.75), nn.Linear(10, 4), snn.Synaptic(alpha=0.5, beta=0.75), 2)
    states = {"syn1": torch.zeros(3, 10), "mem1": torch.zeros(3, 10), "syn2": torch.zeros(3, 4), "mem2": torch.zeros(3, 4)}
    return Case(grid(net, 33), events(33, 0.3, 5, 3, 12), 5, "step model, two states a neuron", states=states)


@case
def snntorch_step_rleaky():
    net = Step(nn.Linear(12, 10), snn.RLeaky(beta=0.5, linear_features=10), nn.Linear(10, 4), snn.RLeaky(beta=0.5, linear_features=4), 2)

    class Kept(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = net

        def forward(self, x, spk1, mem1, spk2, mem2):
            s1, m1 = self.net.lif1(self.net.fc1(x), spk1, mem1)
            s2, m2 = self.net.lif2(self.net.fc2(s1), spk2, mem2)
            return s2, s1, m1, s2.clone(), m2

    states = {"spk1": torch.zeros(3, 10), "mem1": torch.zeros(3, 10), "spk2": torch.zeros(3, 4), "mem2": torch.zeros(3, 4)}
    return Case(grid(Kept(), 34), events(34, 0.3, 5, 3, 12), 5, "step model, spikes are a state too", states=states)


@case
def snntorch_leaky_no_hidden_list():
    net, x = fc(lambda n: snn.Leaky(beta=0.875), seed=35, timed=True, sizes=(12, 10, 8, 4))
    return Case(net, x, 5, "three layers on events")


class Summed(nn.Module):
    """Data with samples first, as a DataLoader gives them."""

    def __init__(self, T):
        super().__init__()
        self.T = T
        self.fc1, self.lif1 = nn.Linear(12, 10), snn.Leaky(beta=0.875)
        self.fc2, self.lif2 = nn.Linear(10, 4), snn.Leaky(beta=0.875)

    def forward(self, x):
        m1, m2, total = self.lif1.reset_mem(), self.lif2.reset_mem(), 0
        for t in range(self.T):
            s1, m1 = self.lif1(self.fc1(x[:, t]), m1)
            s2, m2 = self.lif2(self.fc2(s1), m2)
            total = total + m2
        return total / self.T


@case
def snntorch_batch_first():
    return Case(grid(Summed(5), 36), events(36, 0.3, 3, 5, 12), 5, "x[:, t]; the mean membrane is the answer", batch_axis=0, unread={"lif2": 1})
