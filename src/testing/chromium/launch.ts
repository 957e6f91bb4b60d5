/** Starting Chromium for tests and pictures: Debian's, or the one that `COVER_CHROMIUM` names. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';

const DEBIAN = '/usr/bin/chromium';
/** The same engine without windows, of a package of its own: it starts with half of the work. */
const SHELL = `${DEBIAN}-headless-shell`;
const CHROMIUM = process.env.COVER_CHROMIUM ?? (existsSync(SHELL) ? SHELL : DEBIAN);

/** Why there is no browser to test with, or null. */
export function missingChromium(): string | null {
  return existsSync(CHROMIUM) ? null : `there is no ${CHROMIUM}: install the package chromium, or set COVER_CHROMIUM`;
}

const FLAGS = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** What tests compute in WebAssembly is done before the better compiler has looked at it. */
const QUICK_FLAG = '--js-flags=--liftoff-only';
const WEBGPU_FLAGS = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader', '--enable-features=Vulkan'];

export interface Browser {
  readonly context: BrowserContext;
  close(): Promise<void>;
}

export interface BrowserOptions {
  /** Whether WebGPU is offered, computed by the processor. */
  readonly webgpu?: boolean;
  /** Whether WebAssembly is compiled as in a browser of a user, for measurements. */
  readonly compiled?: boolean;
  readonly viewport?: { readonly width: number; readonly height: number };
}

/** A browser with a profile of its own, in which it keeps what pages store until it is closed. */
export async function openBrowser({
  webgpu = false,
  compiled = false,
  viewport,
}: BrowserOptions = {}): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), 'cover-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    headless: true,
    args: [...FLAGS, ...(compiled ? [] : [QUICK_FLAG]), ...(webgpu ? WEBGPU_FLAGS : ['--disable-gpu'])],
    ...(viewport ? { viewport } : {}),
  });
  return {
    context,
    close: async () => {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}
