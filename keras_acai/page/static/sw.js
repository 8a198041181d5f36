// Keeps the page and the models that were used, so that it works without a network.

const PAGE = `keras-acai ${self.registration.scope} `; // other pages of the host have their own
const CACHE = PAGE + "VERSION";
const FILES = ["./"]; // filled in when the page is built

self.addEventListener("install", (event) => {
  const fill = caches.open(CACHE).then((cache) => cache.addAll(FILES));
  event.waitUntil(fill.then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = caches.keys().then((names) => names.filter((name) => name.startsWith(PAGE) && name !== CACHE));
  const cleared = old.then((names) => Promise.all(names.map((name) => caches.delete(name))));
  event.waitUntil(cleared.then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const here = new URL(event.request.url).origin === self.location.origin;
  if (event.request.method === "GET" && here) event.respondWith(answer(event.request));
});

async function answer(request) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request, { ignoreSearch: true });
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok) await cache.put(request, response.clone());
  return response;
}
