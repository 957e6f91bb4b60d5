/** Keeping the playground in the browser, by the service worker of the site, so that it works without a network. */

export type Kept = 'keeping' | 'kept' | 'not kept';

/** Whether all of it is kept now; false where the browser keeps nothing, or the host does not answer. */
export async function keepPlayground(): Promise<boolean> {
  if (!('serviceWorker' in navigator)) return false;
  try {
    // The worker stands at the top of the site, so that it keeps the documentation, too.
    await navigator.serviceWorker.register(new URL('../service-worker.js', document.baseURI));
    const { active } = await navigator.serviceWorker.ready;
    const { port1, port2 } = new MessageChannel();
    const answer = new Promise<boolean>((resolve) => {
      port1.onmessage = ({ data }: MessageEvent<boolean>) => resolve(data);
    });
    active?.postMessage('keep the playground', [port2]);
    return await answer;
  } catch {
    return false;
  }
}
