#!/usr/bin/env bash
# A first day with radiographs: from folders of images to a segmented, evaluated test set.
#
#   bash examples/first-day-2d.sh [FOLDER]
#
# Everything is written to FOLDER (first-day-2d). The data are drawn, the networks small and the trainings short, so that all takes half a
# minute; with your own data leave out the --set that make them so.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
mkdir -p "${1:-first-day-2d}"
cd "${1:-first-day-2d}"
cover() { node "$here/../dist/program/cover.js" "$@"; } # in a project of your own: npx cover

node "$here/draw.mjs" . 2

# Is every file fit? What will be used?
cover doctor unlabelled

# Pretraining: images alone.
small=(--set 'model.channels=[8,16,16,32,32,32,16,16,8]' --set threads=2)
cover pretrain unlabelled -o pretrained "${small[@]}" --set 'views.crop=[64,64]' --set schedule.steps=40 --set data.cache=cache

# Fine-tuning: four labelled images are trained on; of the others some choose the best step, and the test cases are not looked at.
cover finetune labelled -o lungs --from pretrained --cases 4 \
  --set 'data.size=[96,96]' --set batch.size=2 --set schedule.steps=80 --set run.validateEvery=40 --set optimizer.rate=1e-2 --set threads=2

# How good is it, on the test cases?
cover evaluate lungs -o lungs/test

# New images: a label map each, and a picture of it.
cover segment lungs unlabelled/chest-0000.png unlabelled/chest-0001.png -o masks

# For any ONNX runtime.
cover export lungs --onnx lungs.onnx
