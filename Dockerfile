# docker build -t snn-energy . && docker run --rm -v "$PWD:/data" snn-energy analyze model.onnx --data x.npy
FROM node:22-slim AS build
WORKDIR /src
COPY . .
# The native onnxruntime without the CUDA files that its install script would fetch.
ENV ONNXRUNTIME_NODE_INSTALL=skip
RUN npm ci && npm pack && npm install --global --prefix /opt/snn-energy ./snn-energy-*.tgz

FROM node:22-slim
COPY --from=build /opt/snn-energy /opt/snn-energy
WORKDIR /data
ENTRYPOINT ["/opt/snn-energy/bin/snn-energy"]
