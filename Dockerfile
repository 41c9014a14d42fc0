# Built in two steps so that the image holds neither compilers nor pip's caches. For a build that is the same every time,
# pin the base by its digest: --build-arg BASE=python:3.12.8-slim-bookworm@sha256:…
ARG BASE=python:3.12.8-slim-bookworm

FROM ${BASE} AS build
WORKDIR /src
COPY . .
RUN python -m venv --without-pip /opt/pilotbot \
 && pip --python /opt/pilotbot/bin/python install --no-cache-dir --constraint constraints.txt . \
 && /opt/pilotbot/bin/python -m compileall -q /opt/pilotbot/lib

FROM ${BASE}
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin pilotbot \
 && install -d -o pilotbot -g pilotbot /data
COPY --from=build /opt/pilotbot /opt/pilotbot
# Nothing is written but /data (SQLite, indexes) and /tmp: the root file system may be read-only.
ENV PATH=/opt/pilotbot/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    PILOTBOT_HOST=0.0.0.0 PILOTBOT_PORT=8080 PILOTBOT_DATA_DIR=/data
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
  CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f\"http://127.0.0.1:{os.environ['PILOTBOT_PORT']}/healthz\", timeout=3)"]
ENTRYPOINT ["pilotbot"]
CMD ["serve"]
