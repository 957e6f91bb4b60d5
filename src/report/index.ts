export { arrow, enlarge, line, type Picture, paint, paste, picture, text } from './canvas.js';
export { type Colour, gray, hsv, vectorColour, viridis } from './colour.js';
export { linePlot, type PlotOptions, type Series } from './curves.js';
export { type ArrowOptions, colourWheel, fieldArrows, fieldColours, fieldScale } from './field.js';
export { type MetricRecord, type Report, type ReportSample, renderReport } from './html.js';
export { type FieldPanel, fieldPanel, type MatchMark, matchPanel } from './match-panel.js';
export { type PairPanel, pairPanel } from './panel.js';
export { pcaPicture } from './pca-picture.js';
export { encodePng, type Raster } from './png.js';
