"""Which modules of the frameworks are spiking neurons."""

import importlib

from casebook import Spikes

SOURCES = {
    "snntorch": ("Leaky RLeaky Synaptic RSynaptic Alpha Lapicque SLSTM SConv2dLSTM DeltaLeaky LeakyParallel LinearLeaky".split(), "snntorch"),
    "spikingjelly": ("BaseNode SimpleBaseNode PSN MaskedPSN SlidingPSN GatedLIFNode FewSpikeNode ILCBaseNode STBIFNode".split(), "spikingjelly.activation_based.neuron"),
    "norse": ("LIFCell LIFRecurrentCell LIF LIFRecurrent LIFBoxCell LIFBox LIFAdExCell LIFExCell LSNNCell LSNNRecurrentCell LSNN LSNNRecurrent "
              "IAFCell IAF IzhikevichCell Izhikevich LIFRefracCell LIFRefracRecurrentCell IzhikevichRecurrentCell LIFAdEx LIFEx ConstantCurrentLIFEncoder".split(), "norse.torch"),
    "sinabs": ("IAF IAFSqueeze LIF LIFSqueeze ALIF IAFRecurrent LIFRecurrent ALIFRecurrent".split(), "sinabs.layers"),
}


def classes():
    found = [Spikes]
    for names, module in SOURCES.values():
        try:
            home = importlib.import_module(module)
        except ImportError:
            continue
        found += [getattr(home, n) for n in names if hasattr(home, n)]
    return tuple(found)


CLASSES = classes()


def is_neuron(module) -> bool:
    return isinstance(module, CLASSES)
