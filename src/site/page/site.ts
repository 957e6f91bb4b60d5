/** What the pages of the documentation do: the theme of the studio, and the service worker that keeps the site. */
const base = new URL('.', (document.currentScript as HTMLScriptElement).src);

const light = () => localStorage.getItem('cover.theme') === 'light';
const show = () => {
  document.documentElement.dataset.theme = light() ? 'light' : 'dark';
};
// Before anything is painted: this script stands in the head.
show();

addEventListener('DOMContentLoaded', () => {
  const button = document.getElementById('theme') as HTMLButtonElement;
  const name = () => {
    button.textContent = light() ? 'Dark page' : 'Light page';
  };
  name();
  button.addEventListener('click', () => {
    localStorage.setItem('cover.theme', light() ? 'dark' : 'light');
    show();
    name();
  });
  // The contents scroll by themselves where they stand at the side.
  const contents = document.getElementById('contents') as HTMLElement;
  const current = contents.querySelector<HTMLElement>('[aria-current]');
  if (current) contents.scrollTop = current.offsetTop - contents.clientHeight / 3;
});
if ('serviceWorker' in navigator) {
  addEventListener('load', () => {
    // Without it the site works as long as its host answers.
    navigator.serviceWorker.register(new URL('service-worker.js', base)).catch(() => {});
  });
}
