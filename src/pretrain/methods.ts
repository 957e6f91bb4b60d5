/** From a configuration to its method and its network. */
import type { ParameterSpec } from '../nn/index.js';
import type { BatchArrays, Objective } from '../train/objective.js';
import type { BaseConfig } from './base-config.js';
import { type Config, definitionOf, ownSettings } from './config.js';
import type { Learned, Method } from './method.js';

/** The method that a configuration names. */
export function methodOf(config: Config): Method {
  return definitionOf(config.method).create(config as BaseConfig, ownSettings(config) as never);
}

/** The parameters of the network in training. */
export function specsOf(config: Config): readonly ParameterSpec[] {
  return methodOf(config).specs;
}

/** The one group of parameters of a pretraining. */
export const GROUP = 'network';

/** What a pretraining with a method minimises, for views of these extents. */
export function objectiveOf(method: Omit<Learned, 'makeSample'>, crop: readonly number[]): Objective {
  const totals = Object.entries(method.totals).map(
    ([name, of]) => [name, (batch: BatchArrays) => of(batch, crop)] as const,
  );
  return {
    groups: { [GROUP]: method.specs },
    sampleShapes: method.sampleShapes(crop),
    totals: Object.fromEntries(totals),
    losses: (parameters, inputs) => method.losses(parameters, inputs),
    results: (sums, all) => method.results(sums, all),
  };
}
