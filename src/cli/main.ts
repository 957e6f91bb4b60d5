#!/usr/bin/env node
/** The command `cover`: parses, calls the layer below, prints. */
import { Command } from 'commander';
import { addAnalyze } from './analyze.js';
import { addBenchmark } from './benchmark.js';
import { addClassify } from './classify.js';
import { addDemo } from './demo.js';
import { addDoctor } from './doctor.js';
import { addEmbed } from './embed.js';
import { addEvaluate } from './evaluate.js';
import { addExport } from './export.js';
import { addFinetune } from './finetune.js';
import { addImport } from './import.js';
import { addMatch } from './match.js';
import { parse } from './parse.js';
import { addPretrain } from './pretrain.js';
import { addRegister } from './register.js';
import { addSegment } from './segment.js';

const program = new Command('cover')
  .description('Pixel-wise self-supervised pretraining for medical images (COVER)')
  .showHelpAfterError();
addPretrain(program);
addDoctor(program);
addEmbed(program);
addMatch(program);
addRegister(program);
addAnalyze(program);
addFinetune(program);
addSegment(program);
addClassify(program);
addEvaluate(program);
addBenchmark(program);
addExport(program);
addImport(program);
addDemo(program);

await parse(program);
