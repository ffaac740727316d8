"""Networks as Norse's documentation and tasks build them: data [T, N, …], states handed on by the modules."""

import norse.torch as norse
import torch
from torch import nn

from casebook import Case, case, events, grid, images


class Cells(nn.Module):
    """The loop of norse/task: a cell a layer, states kept by the loop, the readout's voltages stacked."""

    def __init__(self, first, cell1, second, cell2, T, flatten=False):
        super().__init__()
        self.fc1, self.lif1, self.fc2, self.lif2, self.T, self.flatten = first, cell1, second, cell2, T, flatten

    def forward(self, x):
        a = b = None
        out = []
        for t in range(self.T):
            z = self.fc1(x[t]) if self.fc1 is not None else x[t]
            z, a = self.lif1(z, a)
            if self.flatten:
                z = z.flatten(1)
            v, b = self.lif2(self.fc2(z) if self.fc2 is not None else z, b)
            out.append(v)
        return torch.stack(out)


def p(cls=norse.LIFParameters, **kw):
    return cls(**{k: torch.as_tensor(v) for k, v in dict(dict(tau_mem_inv=500.0, tau_syn_inv=250.0, v_th=0.5), **kw).items()})


def cells(seed, cell1, cell2=None, T=4, gain=5.0, source="", rate=0.4, **options):
    net = Cells(nn.Linear(12, 10), cell1, nn.Linear(10, 4), cell2 or norse.LICell(), T)
    return Case(grid(net, seed, gain), events(seed, rate, T, 3, 12), T, source, skip=("lif2",) if cell2 is None else (), **options)


@case
def norse_lif_li():
    return cells(1, norse.LIFCell(p()), source="LIFCell and LICell")


@case
def norse_lif_box():
    q = norse.LIFBoxParameters(tau_mem_inv=torch.tensor(500.0), v_th=torch.tensor(0.5))
    return cells(2, norse.LIFBoxCell(q), norse.LIFBoxCell(q), source="LIFBoxCell")


@case
def norse_lif_recurrent_cell():
    net = Cells(None, norse.LIFRecurrentCell(12, 10, p()), nn.Linear(10, 4), norse.LICell(), 4)
    return Case(grid(net, 3, 4.0), events(3, 0.4, 4, 3, 12), 4, "LIFRecurrentCell: weights inside the cell", skip=("lif2",))


@case
def norse_lsnn_cell():
    return cells(4, norse.LSNNCell(norse.LSNNParameters(tau_mem_inv=torch.tensor(500.0), tau_syn_inv=torch.tensor(250.0), v_th=torch.tensor(0.5), beta=torch.tensor(0.25))), source="LSNNCell", unread={"fc1": 1})


@case
def norse_lsnn_recurrent():
    q = norse.LSNNParameters(tau_mem_inv=torch.tensor(500.0), tau_syn_inv=torch.tensor(250.0), v_th=torch.tensor(0.5), beta=torch.tensor(0.25))
    net = Cells(None, norse.LSNNRecurrentCell(12, 10, q), nn.Linear(10, 4), norse.LICell(), 4)
    return Case(grid(net, 5, 4.0), events(5, 0.4, 4, 3, 12), 4, "LSNNRecurrentCell", skip=("lif2",), unread={"lif1.input_weights": 1, "lif1.recurrent_weights": 1})


@case
def norse_adex():
    return cells(6, norse.LIFAdExCell(norse.LIFAdExParameters(tau_mem_inv=torch.tensor(500.0), tau_syn_inv=torch.tensor(250.0), v_th=torch.tensor(0.5))), source="LIFAdExCell")


@case
def norse_lif_ex():
    return cells(7, norse.LIFExCell(norse.LIFExParameters(tau_mem_inv=torch.tensor(500.0), tau_syn_inv=torch.tensor(250.0), v_th=torch.tensor(0.5))), source="LIFExCell")


@case
def norse_iaf():
    return cells(8, norse.IAFCell(), norse.IAFCell(), gain=2.0, source="IAFCell")


@case
def norse_refractory():
    q = norse.LIFRefracParameters(lif=p(), rho_reset=torch.tensor(2.0))
    return cells(9, norse.LIFRefracCell(q), source="LIFRefracCell: refractory counter", gain=6.0)


class Sequential(nn.Module):
    def __init__(self, *layers):
        super().__init__()
        self.net = norse.SequentialState(*layers)

    def forward(self, x):
        y, _ = self.net(x)
        return y


@case
def norse_sequential_lift():
    net = Sequential(norse.Lift(nn.Conv2d(2, 4, 3)), norse.LIF(p()), norse.Lift(nn.MaxPool2d(2)), norse.Lift(nn.Conv2d(4, 4, 3)), norse.LIF(p()),
                     nn.Flatten(2), nn.Linear(4 * 4, 4), norse.LI())
    return Case(grid(net, 10, 6.0), events(10, 0.3, 4, 3, 2, 10, 10), 4, "SequentialState with Lift")


class SequentialCells(nn.Module):
    def __init__(self, T):
        super().__init__()
        self.T = T
        self.net = norse.SequentialState(nn.Conv2d(1, 4, 3), norse.LIFCell(p()), nn.AvgPool2d(2), nn.Flatten(), nn.Linear(4 * 9, 8), norse.LIFCell(p()), nn.Linear(8, 4), norse.LICell())

    def forward(self, x):
        state, out = None, []
        for t in range(self.T):
            y, state = self.net(x[t], state)
            out.append(y)
        return torch.stack(out).max(0).values


@case
def norse_sequential_cells():
    return Case(grid(SequentialCells(4), 11, 8.0), events(11, 0.4, 4, 3, 1, 8, 8), 4, "MNIST notebook: SequentialState of cells, the maximum over time is the answer")


class Encoded(nn.Module):
    def __init__(self, T):
        super().__init__()
        self.T = T
        self.encoder = norse.ConstantCurrentLIFEncoder(T, p())
        self.fc1, self.lif1, self.fc2, self.li = nn.Linear(12, 10), norse.LIFCell(p()), nn.Linear(10, 4), norse.LICell()

    def forward(self, x):
        z = self.encoder(x)
        a = b = None
        for t in range(self.T):
            s, a = self.lif1(self.fc1(z[t]), a)
            v, b = self.li(self.fc2(s), b)
        return v


@case
def norse_current_encoder():
    return Case(grid(Encoded(4), 12, 5.0), images(12, 3, 12) * 2, 4, "ConstantCurrentLIFEncoder inside the network")


@case
def norse_recurrent_sequence():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.rec, self.out = norse.LIFRecurrent(12, 10, p()), nn.Linear(10, 4)

        def forward(self, x):
            z, _ = self.rec(x)
            return self.out(z)

    return Case(grid(Net(), 13, 4.0), events(13, 0.4, 5, 3, 12), 5, "LIFRecurrent over a sequence")


class Step(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.lif1, self.fc2, self.li = nn.Linear(12, 10), norse.LIFCell(p()), nn.Linear(10, 4), norse.LICell()

    def forward(self, x, v1, i1, v2, i2):
        z, s1 = self.lif1(self.fc1(x), norse.LIFFeedForwardState(v1, i1))
        v, s2 = self.li(self.fc2(z), norse.LIState(v2, i2))
        return v, s1.v, s1.i, s2.v, s2.i


@case
def norse_step():
    states = {"v1": torch.zeros(3, 10), "i1": torch.zeros(3, 10), "v2": torch.zeros(3, 4), "i2": torch.zeros(3, 4)}
    return Case(grid(Step(), 14, 5.0), events(14, 0.4, 4, 3, 12), 4, "step model, current and voltage", states=states, outputs=("voltage",), skip=("li",))
