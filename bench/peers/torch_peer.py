"""PyTorch: eager, or compiled by Inductor; channels last, Adam in its fused form."""
import harness

a = harness.arguments(["eager", "compile"])
import torch
from torch import nn
from torch.nn import functional as F

network = harness.NETWORKS[a.network]
torch.set_num_threads(a.threads)
torch.set_num_interop_threads(1)
torch.manual_seed(a.seed)


def build():
    height, width, channels = network.shape
    flat, layers = False, []
    for kind, *args in network.layers:
        if kind == "conv":
            filters, size, padding, bias = args
            layers.append(nn.Conv2d(channels, filters, size, padding=padding, bias=bias))
            if padding == "valid":
                height, width = height - size + 1, width - size + 1
            channels = filters
        elif kind == "dense":
            layers.append(nn.Linear(channels, args[0]))
            channels = args[0]
        elif kind == "flatten":
            layers.append(nn.Flatten())
            channels *= height * width
        elif kind == "global_avgpool":
            layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten()]
        elif kind in ("maxpool", "avgpool"):
            layers.append(nn.MaxPool2d(2) if kind == "maxpool" else nn.AvgPool2d(2))
            height, width = height // 2, width // 2
        else:
            layers.append({"relu": nn.ReLU, "tanh": nn.Tanh, "dropout": nn.Dropout,
                           "batchnorm": lambda: nn.BatchNorm2d(channels)}[kind](*args))
    net = nn.Sequential(*layers).to(memory_format=torch.channels_last)
    for m in net.modules():
        if isinstance(m, (nn.Conv2d, nn.Linear)):
            nn.init.xavier_uniform_(m.weight)
            if m.bias is not None:
                nn.init.zeros_(m.bias)
    return net


def optimizer(params):
    kind, lr, *more = network.optimizer
    if kind == "adam":
        return torch.optim.Adam(params, lr=lr, fused=True)
    return torch.optim.SGD(params, lr=lr, momentum=more[0], fused=True)


def loss_of(z, x, y):
    if network.loss == "classes":
        return F.cross_entropy(z, y)
    return F.binary_cross_entropy_with_logits(z, x.flatten(1), reduction="sum") / len(x)


def tensor(x):
    """[N, H, W, C] as the tensor [N, C, H, W] that lies in memory as that does."""
    return torch.from_numpy(x).permute(0, 3, 1, 2)


net = build()
forward = torch.compile(net, dynamic=False) if a.mode == "compile" else net
updates = optimizer(net.parameters())


def step(x, y):
    x = tensor(x)
    updates.zero_grad(set_to_none=True)
    loss = loss_of(forward(x), x, torch.from_numpy(y).long())
    loss.backward()
    if network.clip:
        nn.utils.clip_grad_norm_(net.parameters(), network.clip)
    updates.step()
    return loss.item()


def predict(x):
    net.eval()
    with torch.inference_mode():
        return net(tensor(x)).numpy()


harness.train(a, torch.__version__, sum(p.numel() for p in net.parameters()), step, predict)
