/** Opens a page for tests in headless Chromium. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { bundlePage } from './bundle.js';
import { type Server, serveFolders } from './serve.js';

/** Where Debian's package puts it. */
const CHROMIUM = process.env.COVER_CHROMIUM ?? '/usr/bin/chromium';

/** Why there is no browser to test with, or null. */
export function missingChromium(): string | null {
  return existsSync(CHROMIUM) ? null : `there is no ${CHROMIUM}: install the package chromium, or set COVER_CHROMIUM`;
}

export interface TestPage {
  readonly page: Page;
  readonly server: Server;
  close(): Promise<void>;
}

export interface TestPageOptions {
  /** Folders that are served beside the page, by the first part of their address. */
  readonly folders?: Readonly<Record<string, string>>;
  /** Whether WebGPU is offered, computed by the processor. */
  readonly webgpu?: boolean;
}

const FLAGS = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const WEBGPU_FLAGS = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader', '--enable-features=Vulkan'];

export interface Browser {
  readonly context: BrowserContext;
  close(): Promise<void>;
}

/** A browser with a profile of its own, in which it keeps what pages store until it is closed. */
export async function openBrowser(webgpu = false): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), 'cover-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    headless: true,
    args: webgpu ? [...FLAGS, ...WEBGPU_FLAGS] : [...FLAGS, '--disable-gpu'],
  });
  return {
    context,
    close: async () => {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}

/** The page of the module `page/NAME`, when its code has run; the runtime's files are at `ort/`. */
export async function openTestPage(module: string, options: TestPageOptions = {}): Promise<TestPage> {
  const { folders = {}, webgpu = false } = options;
  const bundle = await bundlePage(module);
  const runtime = dirname(createRequire(import.meta.url).resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm'));
  const server = await serveFolders({ ...folders, '/ort/': runtime, '/': bundle.folder });
  const browser = await openBrowser(webgpu);
  const close = async () => {
    await browser.close();
    await server.close();
    bundle.remove();
  };
  try {
    const page = await browser.context.newPage();
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    await page.goto(server.address, { waitUntil: 'load' });
    if (problems.length) throw new Error(`the page failed: ${problems.join('; ')}`);
    return { page, server, close };
  } catch (error) {
    await close();
    throw error;
  }
}
