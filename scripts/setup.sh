#!/usr/bin/env bash
# Installs what Jingban needs on Debian 12: packages by apt, then the OCR
# models (scripts/models.sh). Idempotent: what is there already is left alone, and
# a second run takes a moment.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '\033[1m==>\033[0m %s\n' "$*"; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

packages=(g++ libtesseract-dev libleptonica-dev tesseract-ocr tesseract-ocr-chi-sim poppler-utils
  chromium chromium-headless-shell chromium-sandbox redis-server postgresql xvfb
  fonts-noto-cjk fonts-noto-cjk-extra fonts-wqy-zenhei
  fonts-wqy-microhei fonts-arphic-uming fonts-arphic-ukai fonts-lxgw-wenkai) # the second row for jingban bench ocr
# A Node.js from elsewhere brings its own npm and conflicts with Debian's.
command -v npm >/dev/null || packages+=(nodejs npm)

missing=()
for p in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing+=("$p")
done
if [ ${#missing[@]} -gt 0 ]; then
  say "installing ${missing[*]}"
  as_root apt-get update -qq
  # Services stay off: Jingban starts its own Redis, the tests their own PostgreSQL.
  as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

scripts/models.sh
