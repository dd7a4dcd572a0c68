# syntax=docker/dockerfile:1
# Three stages: prepare the embedding model with torch, install what serving needs, and keep only the results.
ARG PYTHON=3.11-slim-bookworm

FROM python:${PYTHON} AS model
WORKDIR /srv/answerdesk
RUN python -m venv /opt/venv
# torch first and from its CPU index: the build on the default index brings several gigabytes of CUDA along.
RUN /opt/venv/bin/pip install --no-cache-dir --no-deps --index-url https://download.pytorch.org/whl/cpu "torch>=2.6,<3"
COPY requirements.lock .
RUN /opt/venv/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE THIRD_PARTY_NOTICES.md ./
COPY app app
COPY ingest ingest
RUN /opt/venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation -e .
RUN ANSWERDESK_MODEL_DIR=/models /opt/venv/bin/answerdesk model prepare

FROM python:${PYTHON} AS packages
WORKDIR /srv/answerdesk
RUN python -m venv /opt/venv
COPY requirements-serve.lock .
RUN /opt/venv/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements-serve.lock
COPY pyproject.toml README.md LICENSE THIRD_PARTY_NOTICES.md ./
COPY app app
COPY ingest ingest
RUN /opt/venv/bin/pip install --no-cache-dir --no-deps -e .

FROM python:${PYTHON}
# Sources may be Git repositories.
RUN apt-get update && apt-get install --yes --no-install-recommends git && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --home-dir /data answerdesk && install -d -o answerdesk -g answerdesk /data
WORKDIR /srv/answerdesk
COPY --from=packages /opt/venv /opt/venv
COPY --from=model /models /models
COPY pyproject.toml README.md LICENSE THIRD_PARTY_NOTICES.md ./
COPY app app
COPY ingest ingest
# Whoever runs may write nothing here, and would compile all of it at each start.
RUN /opt/venv/bin/python -m compileall -q app ingest
COPY frontend frontend
COPY kb kb
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    ANSWERDESK_DATA_DIR=/data \
    ANSWERDESK_MODEL_DIR=/models
USER answerdesk
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["python", "-c", \
    "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
ENTRYPOINT ["answerdesk"]
CMD ["serve", "--host", "0.0.0.0"]
