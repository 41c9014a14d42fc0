# Built in two steps so that the image holds neither compilers nor pip's caches.
FROM python:3.12-slim-bookworm AS build
WORKDIR /src
COPY . .
RUN python -m venv /opt/pilotbot \
 && /opt/pilotbot/bin/pip install --no-cache-dir --constraint constraints.txt .

FROM python:3.12-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /data pilotbot \
 && install -d -o pilotbot -g pilotbot /data
COPY --from=build /opt/pilotbot /opt/pilotbot
ENV PATH=/opt/pilotbot/bin:$PATH PYTHONUNBUFFERED=1 PILOTBOT_HOST=0.0.0.0 PILOTBOT_PORT=8080 PILOTBOT_DATA_DIR=/data
USER pilotbot
WORKDIR /data
VOLUME /data
EXPOSE 8080
HEALTHCHECK --start-period=20s CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/healthz', timeout=3)"]
ENTRYPOINT ["pilotbot"]
CMD ["serve"]
