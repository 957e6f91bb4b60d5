/** What a network learns from labels: a class for each pixel, or one for the whole image. */
export const tasks = ['segmentation', 'classification'] as const;
export type Task = (typeof tasks)[number];
