// Keeps the page and the models that were used, so that it works without a network.

const PAGE = `keras-acai ${self.registration.scope} `; // other pages of the host have their own
const CACHE = PAGE + "VERSION";
const FILES = ["./"]; // filled in when the page is built

self.addEventListener("install", (event) => {
  const asked = FILES.map((name) => new Request(name, { cache: "reload" })); // not an older page's
  const fill = caches.open(CACHE).then((cache) => cache.addAll(asked));
  event.waitUntil(fill.then(() => self.skipWaiting()));
});

// Pages that an older worker served load anew (app.js): their models may be gone.
self.addEventListener("activate", (event) => {
  const old = caches.keys().then((names) => names.filter((name) => name.startsWith(PAGE) && name !== CACHE));
  const cleared = old.then((names) => Promise.all(names.map((name) => caches.delete(name))));
  event.waitUntil(cleared.then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const here = new URL(event.request.url).origin === self.location.origin;
  if (event.request.method === "GET" && here) event.respondWith(answer(event));
});

async function answer(event) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(event.request, { ignoreSearch: true });
  if (kept) return kept;
  const response = await fetch(event.request, { cache: "no-cache" });
  if (response.ok) {
    const copy = response.clone();
    event.waitUntil(cache.put(event.request, copy).catch(console.warn)); // such as a full disk
  }
  return response;
}
