/** The frame of a page: the bar above, the contents at the side, nothing that is not a file of the site. */
import { pagePolicy } from '../policy.js';
import type { Chapter } from './contents.js';
import { escaped } from './escape.js';
import type { Article } from './markdown.js';
import { pathBetween, placeOfPage } from './paths.js';

export interface Frame {
  readonly chapters: readonly Chapter[];
  /** The titles of the pages that the chapters name. */
  readonly titles: ReadonlyMap<string, string>;
  /** Addresses for the bar, from the top of the site, with what they are called. */
  readonly bar: readonly (readonly [place: string, name: string])[];
}

/** @param place where the page lies in the site */
export function framed(place: string, { title, html, headings }: Article, { chapters, titles, bar }: Frame): string {
  const to = (target: string) => escaped(pathBetween(place, target));
  const here = (target: string) => (target === place ? ' aria-current="page"' : '');
  const sections = headings.filter(({ depth }) => depth === 2);
  const within = sections.length
    ? `<ul>${sections.map((one) => `<li><a href="#${one.anchor}">${withoutLinks(one.title)}</a></li>`).join('')}</ul>`
    : '';
  const entry = (source: string) => {
    const target = placeOfPage(source);
    const link = `<a href="${to(target)}"${here(target)}>${escaped(titles.get(source) ?? source)}</a>`;
    return `<li>${link}${target === place ? within : ''}</li>`;
  };
  const contents = chapters.map(
    ({ purpose, pages }) => `<h2>${escaped(purpose)}</h2>\n<ul>${pages.map(entry).join('')}</ul>`,
  );
  const links = bar.map(([target, name]) => `<a href="${to(target)}"${here(target)}>${escaped(name)}</a>`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escaped(pagePolicy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="dark light">
<title>${escaped(title)}${place === 'index.html' ? '' : ' · COVER'}</title>
<link rel="icon" href="${to('icon.svg')}" type="image/svg+xml">
<link rel="stylesheet" href="${to('site.css')}">
<script src="${to('site.js')}"></script>
</head>
<body>
<a class="skip" href="#content">To the content</a>
<header class="bar">
<a class="brand" href="${to('index.html')}"><img src="${to('icon.svg')}" alt="" width="26" height="26">COVER</a>
<nav aria-label="Site">${links.join('\n')}<a class="to-contents" href="#contents">All pages</a></nav>
<button type="button" id="theme">Light page</button>
</header>
<div class="columns">
<main id="content" tabindex="-1">
${html}</main>
<nav class="contents" id="contents" aria-label="All pages">
${contents.join('\n')}
</nav>
</div>
</body>
</html>
`;
}

/** Links do not stand within links. */
function withoutLinks(html: string): string {
  return html.replace(/<\/?a\b[^>]*>/g, '');
}
