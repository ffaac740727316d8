"""Networks as Sinabs' tutorials and Speck's users build them."""

import sinabs.activation as sina
import sinabs.layers as sl
import torch
from sinabs.from_torch import from_model
from torch import nn

from casebook import Case, case, events, grid, images


class Squeezed(nn.Module):
    """Data [N, T, …]; time is flattened into the batch, as Sinabs' *Squeeze layers want it."""

    def __init__(self, net, T):
        super().__init__()
        self.net, self.T = net, T

    def forward(self, x):
        y = self.net(x.flatten(0, 1))
        return y.unflatten(0, (-1, self.T))


def reset(net):
    for m in net.modules():
        if hasattr(m, "reset_states"):
            m.reset_states()
            for name in list(m._buffers):
                if name in getattr(m, "_state_names", []) or name in ("v_mem", "i_syn"):
                    m._buffers[name] = torch.zeros((0))
    return net


def squeezed(seed, net, x, T, source, gain=2.0, **options):
    net = Squeezed(net, T)
    grid(net, seed, gain)
    return Case(net, x, T, source, reset=lambda: reset(net), batch_axis=0, fixed=True, sample_major=True, **options)


def conv(neuron, pool):
    return nn.Sequential(
        nn.Conv2d(2, 4, 3, bias=False), neuron(), pool(), nn.Conv2d(4, 4, 3, bias=False), neuron(), pool(), nn.Flatten(), nn.Linear(16, 4, bias=False), neuron(),
    )


@case
def sinabs_iaf_sumpool():
    net = conv(lambda: sl.IAFSqueeze(num_timesteps=5), lambda: sl.SumPool2d(2, 2))
    return squeezed(1, net, events(1, 0.2, 3, 5, 2, 14, 14), 5, "Speck tutorial: several spikes a timestep, SumPool2d")


@case
def sinabs_iaf_avgpool():
    net = conv(lambda: sl.IAFSqueeze(num_timesteps=5), lambda: nn.AvgPool2d(2, 2))
    return squeezed(2, net, events(2, 0.2, 3, 5, 2, 14, 14), 5, "several spikes a timestep, average pooling", 3.0)


@case
def sinabs_iaf_single():
    net = conv(lambda: sl.IAFSqueeze(num_timesteps=5, spike_fn=sina.SingleSpike), lambda: sl.SumPool2d(2, 2))
    return squeezed(3, net, events(3, 0.2, 3, 5, 2, 14, 14), 5, "one spike a timestep at most")


@case
def sinabs_lower_bound():
    net = conv(lambda: sl.IAFSqueeze(num_timesteps=5, min_v_mem=-1.0), lambda: sl.SumPool2d(2, 2))
    return squeezed(4, net, events(4, 0.2, 3, 5, 2, 14, 14), 5, "min_v_mem = -1, as Speck has it")


@case
def sinabs_from_model():
    ann = nn.Sequential(nn.Conv2d(1, 4, 3, bias=False), nn.ReLU(), nn.AvgPool2d(2, 2), nn.Conv2d(4, 4, 3, bias=False), nn.ReLU(), nn.Flatten(), nn.Linear(36, 4, bias=False))
    grid(ann, 5, 3.0)
    net = from_model(ann, num_timesteps=5, add_spiking_output=True).spiking_model
    wrapped = Squeezed(net, 5)
    return Case(wrapped.eval(), events(5, 0.3, 3, 5, 1, 12, 12), 5, "from_model: ReLU becomes IAFSqueeze", reset=lambda: reset(wrapped), batch_axis=0, fixed=True, sample_major=True)


class Timed(nn.Module):
    """Layers with a time axis of their own: [N, T, …]."""

    def __init__(self, *layers):
        super().__init__()
        self.net = nn.Sequential(*layers)

    def forward(self, x):
        return self.net(x)


def timed(seed, net, T, source, gain=3.0, x=None, **options):
    grid(net, seed, gain)
    return Case(net, events(seed, 0.4, 3, T, 12) if x is None else x, T, source, reset=lambda: reset(net), batch_axis=0, fixed=True, **options)


@case
def sinabs_lif():
    return timed(6, Timed(nn.Linear(12, 10), sl.LIF(tau_mem=4.0, norm_input=False), nn.Linear(10, 4), sl.LIF(tau_mem=4.0, norm_input=False)), 5, "LIF, [N, T, …]")


@case
def sinabs_lif_synaptic():
    return timed(7, Timed(nn.Linear(12, 10), sl.LIF(tau_mem=4.0, tau_syn=2.0, norm_input=False, spike_fn=sina.SingleSpike), nn.Linear(10, 4), sl.ExpLeak(tau_mem=4.0)), 5, "LIF with a synaptic current, ExpLeak readout", skip=("net.3",))


@case
def sinabs_alif():
    return timed(8, Timed(nn.Linear(12, 10), sl.ALIF(tau_mem=4.0, tau_adapt=8.0, norm_input=False), nn.Linear(10, 4), sl.LIF(tau_mem=4.0, norm_input=False)), 5, "ALIF: adaptive thresholds")


@case
def sinabs_recurrent():
    net = Timed(nn.Linear(12, 10), sl.LIFRecurrent(tau_mem=4.0, rec_connect=nn.Linear(10, 10, bias=False), norm_input=False, spike_fn=sina.SingleSpike), nn.Linear(10, 4), sl.LIF(tau_mem=4.0, norm_input=False))
    return timed(9, net, 5, "LIFRecurrent", late=("net.1.rec_connect",))


@case
def sinabs_reset_to_zero():
    lif = lambda: sl.LIF(tau_mem=4.0, norm_input=False, spike_fn=sina.SingleSpike, reset_fn=sina.MembraneReset())  # noqa: E731
    return timed(10, Timed(nn.Linear(12, 10), lif(), nn.Linear(10, 4), lif()), 5, "MembraneReset")


@case
def sinabs_max_spike():
    iaf = lambda: sl.IAF(spike_fn=sina.MaxSpike(2))  # noqa: E731
    return timed(11, Timed(nn.Linear(12, 10, bias=False), iaf(), nn.Linear(10, 4, bias=False), iaf()), 5, "MaxSpike(2)", 4.0)


class Merged(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.s1, self.fc2, self.s2, self.merge = nn.Linear(12, 10), sl.IAF(), nn.Linear(10, 10), sl.IAF(), sl.Merge()
        self.fc3, self.s3 = nn.Linear(10, 4), sl.IAF()

    def forward(self, x):
        a = self.s1(self.fc1(x))
        b = self.s2(self.fc2(a))
        return self.s3(self.fc3(self.merge(a, b)))


@case
def sinabs_merge():
    return timed(12, Merged(), 5, "Merge: two branches of events added")
