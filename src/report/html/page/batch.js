// A zoo of models as src/batch/page.cc writes it.

const models = (() => {
  const m = data.models;
  const files = unfront(m.file);
  return {
    count: files.length,
    file: (i) => files[i],
    base64: (i) => (m.file.base64 || {})[i],
    ok: (i) => m.ok[i] === 1,
    cause: (i) => word(m.cause, i),
    error: (i) => word(m.error, i),
    seconds: (i) => m.seconds[i],
    bytes: (i) => m.bytes[i],
    parameters: (i) => m.parameters[i],
    parameterBytes: (i) => m.parameter_bytes[i],
    trainable: (i) => m.trainable[i],
    nonTrainable: (i) => m.non_trainable[i],
    frozen: (i) => m.frozen[i],
    statistics: (i) => m.statistics[i],
    quantization: (i) => m.quantization[i],
    constants: (i) => m.constants[i],
    unused: (i) => m.unused[i],
    tensors: (i) => m.tensors[i],
    weak: (i) => m.weak[i],
  };
})();
