# All real parts inside: OCR models and runtime, Chromium, Redis, fonts.
FROM golang:1.26-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends \
      g++ libtesseract-dev libleptonica-dev nodejs npm && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN scripts/models.sh \
 && CGO_ENABLED=0 go build -trimpath -o /out/jingban ./cmd/jingban \
 && CGO_ENABLED=1 go build -trimpath -o /out/jingban-ocr ./cmd/jingban-ocr

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends \
      ca-certificates tini libtesseract5 liblept5 tesseract-ocr tesseract-ocr-chi-sim poppler-utils \
      chromium-headless-shell chromium-sandbox redis-server fonts-noto-cjk fonts-noto-cjk-extra fonts-wqy-zenhei \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --create-home --uid 10001 jingban \
 && install -d -o jingban -g jingban -m 0700 /data
COPY --from=build /out/jingban /out/jingban-ocr /usr/local/bin/
COPY --from=build /src/.cache/models /usr/local/share/jingban/models
COPY NOTICE.md /usr/local/share/jingban/
ENV JINGBAN_DATA=/data JINGBAN_MODELS=/usr/local/share/jingban/models JINGBAN_LISTEN=0.0.0.0:8080 LANG=zh_CN.UTF-8
USER jingban
VOLUME /data
EXPOSE 8080
# tini reaps what Chromium leaves behind.
ENTRYPOINT ["tini", "--", "jingban"]
CMD ["serve"]
