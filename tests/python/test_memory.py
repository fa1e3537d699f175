"""Nothing leaks: resident memory stays where it is over ten thousand models."""

import gc

import hoarfrost

CYCLES = 10_000


def resident_kb():
    gc.collect()
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))


def cycle(path):
    model = hoarfrost.load(path)
    model.summary(), model.to_dict(), repr(model)
    for tensor in model.tensors:
        tensor.explain()
    model.tensors[0].numpy()
    list(model.layers)
    try:
        model.tensor("no such tensor")
    except hoarfrost.UnknownTensorError:
        pass


def test_ten_thousand_models_take_the_memory_of_one(dense_bn):
    for _ in range(CYCLES // 10):  # pools and caches fill
        cycle(dense_bn)
    before = resident_kb()
    for _ in range(CYCLES):
        cycle(dense_bn)
    grown = resident_kb() - before
    # A leak of one small tensor's name a cycle would be 300 KB and more.
    assert grown < 256, f"{grown} KB more after {CYCLES} cycles"


def test_frozen_models_are_let_go_of(dense_bn, tmp_path):
    def freeze():
        model = hoarfrost.load(dense_bn).freeze(all=True)
        model.plan(), model.totals
        model.thaw()

    for _ in range(200):
        freeze()
    before = resident_kb()
    for _ in range(1000):
        freeze()
    assert resident_kb() - before < 256


def test_failures_are_let_go_of(tmp_path):
    path = tmp_path / "text.onnx"
    path.write_text("no model")

    def fail():
        try:
            hoarfrost.load(path)
        except hoarfrost.ModelError:
            pass

    for _ in range(1000):
        fail()
    before = resident_kb()
    for _ in range(CYCLES):
        fail()
    assert resident_kb() - before < 256
