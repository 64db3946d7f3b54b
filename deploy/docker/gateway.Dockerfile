# The gateway. It decodes nothing: no image library, no model runtime.
ARG PYTHON_IMAGE=python:3.11-slim

FROM ${PYTHON_IMAGE} AS build
ARG EXTRAS=gateway
WORKDIR /build
COPY deploy/docker/requirements.py pyproject.toml constraints.txt ./
RUN python requirements.py pyproject.toml ${EXTRAS} > requirements.txt \
 && python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --no-compile \
      -c constraints.txt -r requirements.txt \
 && /venv/bin/pip uninstall --yes --quiet pip setuptools \
 && python -m compileall -q -j 0 /venv/lib

FROM ${PYTHON_IMAGE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="doctorai-gateway" \
      org.opencontainers.image.description="DoctorAI: the gateway to six inference services. Education and research only." \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="MIT"
ENV PATH=/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    API_HOST=0.0.0.0 API_PORT=8000 AUDIT_LOG_PATH=/logs/audit
COPY --from=build /venv /venv
WORKDIR /app
COPY shared shared
COPY gateway gateway
# a new volume takes its owner from here
RUN install -d -o 10001 -g 10001 /logs
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --start-interval=1s --retries=3 \
  CMD ["python", "-I", "-S", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
CMD ["python", "-m", "gateway"]
