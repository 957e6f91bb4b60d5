/** Opens a page for tests in headless Chromium. */
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import type { Page } from 'playwright-core';
import { bundlePage } from './bundle.js';
import { openBrowser } from './launch.js';
import { type Server, serveFolders } from './serve.js';

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
  /** Whether WebAssembly is compiled as in a browser of a user, for measurements. */
  readonly compiled?: boolean;
}

/** The page of the module `page/NAME`, when its code has run; the runtime's files are at `ort/`. */
export async function openTestPage(module: string, options: TestPageOptions = {}): Promise<TestPage> {
  const { folders = {}, webgpu = false, compiled = false } = options;
  const bundle = await bundlePage(module);
  const runtime = dirname(createRequire(import.meta.url).resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm'));
  const server = await serveFolders({ ...folders, '/ort/': runtime, '/': bundle.folder });
  const browser = await openBrowser({ webgpu, compiled });
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
