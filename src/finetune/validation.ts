/** What a look at the validation cases tells, for every task. */

export interface Look {
  /** Higher is better: the mean Dice, or the mean AUC. The best checkpoint is chosen by it. */
  readonly score: number;
  /** Further numbers for the log, by name. */
  readonly values: Readonly<Record<string, number>>;
}

/** What the score is called. */
export const scoreNames = { segmentation: 'Dice', classification: 'AUC' } as const;
