/** `cover studio`: the page in which runs are watched, images labelled and networks trained, on this computer. */
import { spawn } from 'node:child_process';
import type { Command } from 'commander';
import { startStudio } from '../studio/server/index.js';
import { wholeNumber } from './options.js';

interface Options {
  readonly data?: string;
  readonly host: string;
  readonly port: number;
  readonly token?: string;
  readonly open?: boolean;
}

const help = `
Examples:
  cover studio                               the runs in runs/
  cover studio runs --data scans --open      and images to label, train on and match
  cover studio runs --host 0.0.0.0           for other computers, with a token in the address`;

export function addStudio(program: Command): void {
  program
    .command('studio')
    .description('watch runs, label images and train in a page on this computer')
    .argument('[runs]', 'the folder of the runs; made where it is missing', 'runs')
    .option('--data <folder>', 'the folder of images that may be read; they are never changed')
    .option('--host <name>', 'where it listens; another than this computer needs the token', '127.0.0.1')
    .option('--port <number>', 'the port; 0 for any that is free', wholeNumber, 8420)
    .option('--token <text>', 'the token that the address must have (drawn for another host)')
    .option('--open', 'open the page in the browser')
    .addHelpText('after', help)
    .action(async (runs: string, { data, host, port, token, open }: Options) => {
      const studio = await startStudio({ runs, data, host, port, token });
      console.log(`The studio is at\n  ${studio.address}\nCtrl-C ends it; trainings go on and are found again.`);
      if (open) openBrowser(studio.address);
      await new Promise<void>((ended) => process.once('SIGINT', ended).once('SIGTERM', ended));
      await studio.close();
      // A question to a network that goes on would keep the process alive.
      process.exit();
    });
}

function openBrowser(address: string): void {
  const [command, ...args] =
    process.platform === 'darwin' ? ['open'] : process.platform === 'win32' ? ['explorer.exe'] : ['xdg-open'];
  const browser = spawn(command!, [...args, address], { detached: true, stdio: 'ignore' });
  browser.on('error', () => console.log('No browser was found; open the address yourself.'));
  browser.unref();
}
