"""The classifier's ONNX model as MLServer serves it: a table of features in, class probabilities out.

Runs in MLServer's own environment, which has nothing of this project.
"""

import numpy as np
import onnxruntime as ort
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceRequest, InferenceResponse

OTHER = "photometric_wanted"


class StellarModel(MLModel):
    """The spectroscopic variant, with one thread, as the layer runs it."""

    async def load(self) -> bool:
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = ort.InferenceSession(self.settings.parameters.uri, options)
        optional = {tensor.name for tensor in self._session.get_overridable_initializers()}
        self._off = {OTHER: np.array(False)} if OTHER in optional else {}
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        features = NumpyCodec.decode_input(payload.inputs[0])
        [found] = self._session.run(["spectroscopic"], {"features": features, **self._off})
        return InferenceResponse(model_name=self.name, outputs=[NumpyCodec.encode_output("probabilities", found)])
