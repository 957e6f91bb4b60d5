#!/usr/bin/env node
/** The command `cover`: parses, calls the layer below, prints. */
import { guardProcess, parse } from './parse.js';
import { createProgram } from './program.js';

guardProcess();
await parse(await createProgram(process.argv.slice(2)));
