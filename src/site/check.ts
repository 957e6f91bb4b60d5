/** Whether every address in the pages of a site leads to a file of it, and to a place within that page. */
import { posix } from 'node:path';
import type { SiteFiles } from './docs/pages.js';

/**
 * One line for each address that leads nowhere.
 * @param others files that pages may name, and that are not looked into
 */
export function deadLinks(files: SiteFiles, others: SiteFiles = new Map()): string[] {
  const pages = new Map(
    [...files].flatMap(([place, content]) => (place.endsWith('.html') ? [[place, textOf(content)] as const] : [])),
  );
  const anchors = new Map([...pages].map(([place, text]) => [place, new Set(attributes(text, 'id'))]));
  return [...pages].flatMap(([place, text]) =>
    [...attributes(text, 'href'), ...attributes(text, 'src')].flatMap((address) => {
      if (/^[a-z]+:/i.test(address)) return [];
      const [path = '', anchor] = address.split('#');
      const joined = path === '' ? place : posix.join(posix.dirname(place), path);
      const target = joined.endsWith('/') || joined === '.' ? posix.join(joined, 'index.html') : joined;
      if (others.has(target)) return [];
      if (!files.has(target)) return [`${place}: ${address} leads to no file of the site`];
      const there = !anchor || (anchors.get(target)?.has(decodeURIComponent(anchor)) ?? false);
      return there ? [] : [`${place}: ${address} leads to no place of that page`];
    }),
  );
}

function attributes(html: string, name: string): string[] {
  return [...html.matchAll(new RegExp(`<[a-z][^>]*? ${name}="([^"]*)"`, 'g'))].map(([, value]) =>
    value!.replaceAll('&amp;', '&').replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>'),
  );
}

function textOf(content: string | Uint8Array): string {
  return typeof content === 'string' ? content : new TextDecoder().decode(content);
}
