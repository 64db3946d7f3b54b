# One inference service: --build-arg SERVICE=tumor; for palm also EXTRAS=palm, for the chatbot EXTRAS=chatbot.
# The chatbot brings PyTorch: TORCH_INDEX_URL is PyTorch's own index of CPU builds, or of CUDA builds for a GPU.
ARG PYTHON_IMAGE=python:3.11-slim

FROM ${PYTHON_IMAGE} AS build
ARG EXTRAS=vision
ARG TORCH_INDEX_URL=
WORKDIR /build
# hadolint ignore=DL3008
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends binutils && rm -rf /var/lib/apt/lists/*
COPY deploy/docker/requirements.py deploy/docker/trim.py pyproject.toml constraints.txt ./
RUN python requirements.py pyproject.toml ${EXTRAS} > requirements.txt \
 && python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --no-compile \
      ${TORCH_INDEX_URL:+--extra-index-url ${TORCH_INDEX_URL}} -c constraints.txt -r requirements.txt \
 && /venv/bin/pip uninstall --yes --quiet pip setuptools \
 && site="$(/venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')" \
 && python trim.py "${site}" \
 && python -m compileall -q -j 0 "${site}"

FROM ${PYTHON_IMAGE}
ARG SERVICE
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="doctorai-${SERVICE}" \
      org.opencontainers.image.description="DoctorAI: inference for ${SERVICE}. Education and research only." \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="MIT"
ENV PATH=/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    SERVICE=${SERVICE} HOST=0.0.0.0 PORT=8080 MODEL_PATH=/models
COPY --from=build /venv /venv
WORKDIR /app
COPY shared shared
COPY services/__init__.py services/__init__.py
COPY services/${SERVICE} services/${SERVICE}
RUN install -d -o 10001 -g 10001 /serving
USER 10001:10001
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --start-interval=1s --retries=3 \
  CMD ["python", "-I", "-S", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8080/health/ready', timeout=4)"]
# exec: the service itself is process 1, and gets SIGTERM
CMD ["sh", "-c", "exec python -m services.${SERVICE}"]
