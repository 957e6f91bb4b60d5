export { arrow, DENSITY, enlarge, line, type Picture, paint, paste, picture, text } from './canvas.js';
export { type Colour, gray, hsv, vectorColour, viridis } from './colour.js';
export { escapeText, linePlot, type PlotOptions, type Series } from './curves.js';
export { type ArrowOptions, colourWheel, fieldArrows, fieldColours, fieldScale } from './field.js';
export {
  type Answer,
  answerOf,
  type MetricRecord,
  metricSeries,
  type Report,
  type ReportSample,
  type ReportTable,
  renderReport,
  sampleFigure,
  summaryOf,
} from './html.js';
export { type LabelPlanesOptions, labelFocus, labelPlanes } from './label-planes.js';
export { type FieldPanel, fieldPanel, type MatchMark, type MatchPanelOptions, matchPanel } from './match-panel.js';
export { type MontageOptions, montage } from './montage.js';
export { type ClassMap, classColour, classesInPlane, labelOverlay } from './overlay.js';
export { htmlPage, htmlTable, svgFile } from './page.js';
export { type PairPanel, pairPanel } from './panel.js';
export { coloursPicture, pcaColours, pcaPicture } from './pca-picture.js';
export { cellSide, displayRange, photo, photoShape } from './photo.js';
export { inPlane, type Plane, planesThrough } from './planes.js';
export { type RegisterPanel, registerPanel } from './register-panel.js';
export { type MapCell, samplePanel } from './sample-panel.js';
export { scalePlots } from './scale-plots.js';
export { type ScatterOptions, scatterPlot } from './scatter.js';
