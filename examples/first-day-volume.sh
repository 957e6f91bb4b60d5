#!/usr/bin/env bash
# A first day with volumes: from folders of NIfTI files to a segmented, evaluated test set.
#
#   bash examples/first-day-volume.sh [FOLDER]
#
# Everything is written to FOLDER (first-day-volume). The data are drawn, the networks small and the trainings short; with your own data leave
# out the --set that make them so.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
mkdir -p "${1:-first-day-volume}"
cd "${1:-first-day-volume}"
cover() { node "$here/../dist/program/cover.js" "$@"; } # in a project of your own: npx cover

node "$here/draw.mjs" . 3

# Is every file fit? In which orientations and voxel sizes?
cover doctor unlabelled

# Pretraining: three extents of the crop make it three-dimensional. The chests fill their volumes, so they are stretched to one size.
small=(--set 'model.channels=[8,16,16,16,16,16,16,16,8]' --set model.window=1 --set threads=2)
cover pretrain unlabelled -o pretrained "${small[@]}" --set 'views.crop=[16,16,16]' --set schedule.steps=10 --set batch.size=2 \
  --set data.intensity=wide --set data.cache=cache

# Fine-tuning: four labelled volumes. The heart and the ribs are a small share of the voxels, so classes are weighed by their share.
cover finetune labelled -o organs --from pretrained --cases 4 --set 'data.size=[32,32,32]' --set batch.size=2 \
  --set loss.classWeights=inverse --set schedule.steps=60 --set run.validateEvery=20 --set optimizer.rate=1e-2 --set threads=2

# How good is it, on the test cases? Distances are in millimetres.
cover evaluate organs -o organs/test

# A new volume: classes on the grid of its file.
cover segment organs unlabelled/chest-0000.nii.gz -o masks

cover export organs --onnx organs.onnx
