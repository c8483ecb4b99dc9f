"""PyTorch at the benchmark's tasks: answers each line of JSON on stdin with a line of JSON on stdout.

{"do": "start", "threads": 2}                      -> {"version": "2.13.0"}
{"do": "start", "threads": 2, "on": "cuda"}        -> {"version": "2.13.0 on <the GPU's name>"}
{"do": "prepare", "task": {...}}                   -> {"names": ["torch", "torch-channels-last"]}
{"do": "run", "name": "torch", "calls": 10}        -> {"seconds": 0.1}
{"do": "measure", "name": "torch"}                 -> {"mebibytes": 400.5}, of a task of memory

Tasks are those of task.ts. Rests on PyTorch alone.
"""

import json
import resource
import subprocess
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

LEARNING_RATE = 1e-6  # as in task.ts, which says why


class Block(nn.Module):
    """He et al. 2016, section 4.2: two 3x3 convolutions and a zero-padded shortcut."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(),
            nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False),
            nn.BatchNorm2d(outputs),
        )
        self.stride = stride
        self.before = (outputs - inputs) // 2
        self.after = outputs - inputs - self.before

    def forward(self, x):
        change = self.body(x)
        if self.stride != 1 or self.after != 0:
            pixels = x[:, :, :: self.stride, :: self.stride]
            x = F.pad(pixels, (0, 0, 0, 0, self.before, self.after))
        return F.relu(change + x)


def resnet(depth, width):
    layers = [nn.Conv2d(3, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU()]
    inputs = width
    for outputs, stride in ((width, 1), (2 * width, 2), (4 * width, 2)):
        for index in range((depth - 2) // 6):
            layers.append(Block(inputs, outputs, stride if index == 0 else 1))
            inputs = outputs
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, 10))


def lenet():
    return nn.Sequential(
        *(nn.Conv2d(1, 16, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(16, 32, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(32 * 7 * 7, 128), nn.ReLU(), nn.Linear(128, 10)),
    )


def mlp(widths, normalized):
    layers = []
    for inputs, outputs in zip(widths[:-2], widths[1:-1]):
        layers.append(nn.Linear(inputs, outputs, bias=not normalized))
        layers += [nn.BatchNorm1d(outputs)] if normalized else []
        layers.append(nn.ReLU())
    return nn.Sequential(*layers, nn.Linear(*widths[-2:]))


def net_of(task):
    """The net, and the shape of one example."""
    if task["kind"] == "mlp":
        return mlp(task["widths"], task["batchNorm"]), task["widths"][:1]
    if task["kind"] == "lenet":
        return lenet(), [1, 28, 28]
    if task["kind"] == "resnet":
        return resnet(task["depth"], task.get("width", 16)), [3, 32, 32]
    if task["kind"] == "tanh":
        width = task["width"]
        pairs = [(nn.Linear(width, width), nn.Tanh()) for _ in range(task["layers"])]
        return nn.Sequential(*(layer for pair in pairs for layer in pair)), [width]
    raise ValueError(f"a net that is unknown here: {task['kind']}")


def convolution(task, layout):
    shape = (task["batch"], task["channels"], task["size"], task["size"])
    x = torch.randn(shape).to(memory_format=layout)
    dy = torch.randn(shape).to(memory_format=layout)
    w = torch.randn(task["channels"], task["channels"], 3, 3).to(memory_format=layout)
    done = task["pass"]
    if done == "forward":
        return lambda: F.conv2d(x, w, padding=1)
    wanted = [done in ("input-grad", "training"), done in ("weight-grad", "training"), False]
    back = torch.ops.aten.convolution_backward

    def gradients():
        return back(dy, x, w, None, [1, 1], [1, 1], [1, 1], False, [0, 0], 1, wanted)

    return gradients if done != "training" else lambda: (F.conv2d(x, w, padding=1), gradients())


def overhead(task):
    a, b = torch.randn(task["length"]), torch.randn(task["length"])

    def call():
        total = a
        for _ in range(task["ops"]):
            total = total + b

    return call


def network(task, layout):
    """A training step, or a forward pass without a graph."""
    net, example = net_of(task["net"])
    x = torch.randn(task["batch"], *example)
    if len(example) == 3:
        net, x = net.to(memory_format=layout), x.to(memory_format=layout)
    if task["kind"] == "forward":

        def forward():
            with torch.no_grad():
                net(x)

        return forward
    labels = torch.randint(0, 10, (task["batch"],))
    if task["optimizer"] == "adam":
        optimizer = torch.optim.Adam(net.parameters(), lr=LEARNING_RATE)
    else:
        optimizer = torch.optim.SGD(net.parameters(), lr=LEARNING_RATE, momentum=0.9)

    def step():
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), labels)
        loss.backward()
        optimizer.step()
        loss.item()

    return step


def prepare(task):
    """Calls by name: one, or two where there are images that can lie channels last."""
    kind = task["kind"]
    if kind == "memory" and is_cuda():
        return {}  # its memory is another's
    if kind == "memory":
        names = ("torch", "torch-channels-last")
        return {name: lambda name=name: peak_elsewhere(task["step"], name) for name in names}
    if kind == "matmul":
        a, b = torch.randn(task["size"], task["size"]), torch.randn(task["size"], task["size"])
        return {"torch": lambda: a @ b}
    if kind == "add":
        a, b = torch.randn(task["length"]), torch.randn(task["length"])
        return {"torch": lambda: a + b}
    if kind == "sum":
        a = torch.randn(task["length"])
        return {"torch": lambda: a.sum()}
    if kind == "overhead":
        return {"torch": overhead(task)}
    make = {"conv3x3": convolution, "step": network, "forward": network}.get(kind)
    if make is None:
        raise ValueError(f"a task that is unknown here: {kind}")
    calls = {"torch": make(task, torch.contiguous_format)}
    if kind == "conv3x3" or task["net"]["kind"] in ("lenet", "resnet"):
        calls["torch-channels-last"] = make(task, torch.channels_last)
    return calls


def peak_elsewhere(task, name):
    """MiB by which the resident set of a fresh process grows in a few steps, as peak-memory.ts measures it."""
    asked = json.dumps({"task": task, "name": name, "threads": torch.get_num_threads()})
    done = subprocess.run([sys.executable, __file__, asked], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def peak_here(question):
    torch.set_num_threads(question["threads"])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    layout = torch.channels_last if question["name"] == "torch-channels-last" else torch.contiguous_format
    call = network(question["task"], layout)
    for _ in range(3):
        call()
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


def answer(question, calls):
    if question["do"] == "start":
        torch.set_num_threads(question["threads"])
        torch.manual_seed(0)
        if question.get("on", "cpu") != "cuda":
            return {"version": torch.__version__}
        if not torch.cuda.is_available():
            raise RuntimeError("no CUDA device answers")
        torch.set_default_device("cuda")
        torch.backends.cuda.matmul.allow_tf32 = False  # float32, as everybody else
        torch.backends.cudnn.allow_tf32 = False
        return {"version": f"{torch.__version__} on {torch.cuda.get_device_name()}"}
    if question["do"] == "prepare":
        calls.clear()
        calls.update(prepare(question["task"]))
        return {"names": list(calls)}
    call = calls[question["name"]]
    if question["do"] == "measure":
        return {"mebibytes": call()}
    finish()
    started = time.perf_counter()
    for _ in range(question["calls"]):
        call()
    finish()
    return {"seconds": time.perf_counter() - started}


def finish():
    """Waits for what was launched, where calls return before."""
    if is_cuda():
        torch.cuda.synchronize()


def is_cuda():
    return torch.get_default_device().type == "cuda"


def main():
    calls = {}
    for line in sys.stdin:
        try:
            said = answer(json.loads(line), calls)
        except Exception as error:
            said = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(said), flush=True)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(peak_here(json.loads(sys.argv[1]))))
    else:
        main()
