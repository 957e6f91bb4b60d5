/**
 * The command lines of the documentation: what a reader would type, taken out of shell blocks and transcripts. Lines of
 * a synopsis (`[--flag]`, `A|B`, `…`) are told apart, since nobody can type them.
 */
import type { Block } from './pages.js';

export interface DocumentedCommand {
  readonly page: string;
  /** Of the command's first line, from 1. */
  readonly line: number;
  /** The words of the line: `['cover', 'embed', 'runs/xrays', …]`. */
  readonly words: readonly string[];
  readonly synopsis: boolean;
  /** What the page shows as printed, line by line; empty in a shell block. */
  readonly printed: readonly string[];
}

/** The commands of a shell block, or of a transcript, where they stand behind `$ `. */
export function commandsOf({ page, line, language, text }: Block): DocumentedCommand[] {
  const transcript = language === '';
  if (!transcript && language !== 'sh') return [];
  const variables = new Map<string, string>();
  const commands: (DocumentedCommand & { printed: string[] })[] = [];
  const lines = text.split('\n');
  for (let at = 0; at < lines.length; at++) {
    const first = at;
    let typed = lines[at]!;
    if (transcript && !typed.startsWith('$ ')) {
      commands.at(-1)?.printed.push(typed);
      continue;
    }
    while (typed.endsWith('\\')) typed = `${typed.slice(0, -1)} ${lines[++at]!.trim()}`;
    typed = typed.replace(/^\$ /, '').replace(/(^|\s)#.*$/, '');
    const assignment = /^([A-Z_]+)="(.*)"$/.exec(typed.trim());
    if (assignment) variables.set(assignment[1]!, assignment[2]!);
    else
      for (const part of typed.split('&&')) {
        const words = wordsOf(part.replace(/\$([A-Z_]+)/g, (whole, name: string) => variables.get(name) ?? whole));
        if (words.length === 0) continue;
        const synopsis = /…|\[-|\[[A-Z]|\w\|\w|(^|\s)[A-Z]{4,}(\s|$|\.)/.test(part);
        commands.push({ page, line: line + first, words, synopsis, printed: [] });
      }
  }
  return commands;
}

/** A line as a shell cuts it: words between blanks, with quotes and without variables. */
function wordsOf(line: string): string[] {
  const words: string[] = [];
  for (const [word] of line.matchAll(/(?:[^\s'"]|'[^']*'|"[^"]*")+/g)) {
    words.push(word.replace(/'([^']*)'|"([^"]*)"/g, (_, single?: string, double?: string) => single ?? double ?? ''));
  }
  while (words[0] === 'npx' || /^[A-Z_]+=/.test(words[0] ?? '')) words.shift();
  return words;
}
