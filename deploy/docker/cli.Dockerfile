# The command line: what prepares the model volume, and what operators run inside. EXTRAS="cli vision palm tensorflow"
# makes the one that imports a user's Keras and TensorFlow models.
ARG PYTHON_IMAGE=python:3.11-slim

FROM ${PYTHON_IMAGE} AS build
ARG EXTRAS="cli vision"
WORKDIR /build
COPY deploy/docker/requirements.py pyproject.toml constraints.txt ./
RUN python requirements.py pyproject.toml ${EXTRAS} > requirements.txt \
 && python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --no-compile -c constraints.txt -r requirements.txt \
 && /venv/bin/pip uninstall --yes --quiet pip setuptools

FROM ${PYTHON_IMAGE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="doctorai-cli" \
      org.opencontainers.image.description="DoctorAI: the command line. Education and research only." \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="MIT"
ENV PATH=/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 MODEL_PATH=/models
COPY --from=build /venv /venv
WORKDIR /app
COPY shared shared
COPY services services
COPY training training
COPY cli cli
COPY models models
RUN install -d -o 10001 -g 10001 /models /serving /secrets /secrets-gateway /secrets-redis /secrets-metrics \
    /secrets-grafana /secrets-exporter /alerting /certificates /logs /backups \
 && install -d -o 999 -g 1000 /redis
USER 10001:10001
ENTRYPOINT ["python", "-m", "cli"]
CMD ["--help"]
