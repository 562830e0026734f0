// Loads the panel's WebAssembly once per page, however many panels the page shows.
import { uri } from 'module';
import init, { Panel } from 'panel-glue';

// `WASM_FILE` is put in by the build. The folder comes from this module's own address, which is right under a
// sub-path and on a CDN as well, where `meta.baseUrl` is not.
const base = uri ? uri.slice(0, uri.lastIndexOf('/') + 1) : 'public/plugins/leaklens-app/panel/';
let ready = null;

// Resolves to the Panel class. A failed load is forgotten, so the next mount tries again.
export function loadPanel() {
  if (!ready) {
    ready = fetchAndStart().catch((error) => {
      ready = null;
      throw error;
    });
  }
  return ready;
}

// Bytes first, never instantiateStreaming: it rejects where a tracer wraps fetch, and it wants a MIME type.
async function fetchAndStart() {
  const response = await fetch(base + WASM_FILE);
  if (!response.ok) {
    throw new Error(WASM_FILE + ': HTTP ' + response.status + '. Is the plugin folder complete?');
  }
  await init({ module_or_path: await response.arrayBuffer() });
  return Panel;
}

// What the person looking at the panel can do about a failed load.
export function explain(error) {
  const text = String((error && error.message) || error);
  if (typeof WebAssembly === 'undefined') {
    return 'This browser has no WebAssembly, or it is switched off; the panel needs it.';
  }
  if (error instanceof WebAssembly.CompileError && /unsafe-eval|Content Security Policy|disallowed by embedder/i.test(text)) {
    return (
      "Grafana's Content-Security-Policy refuses WebAssembly. Add 'wasm-unsafe-eval' to script-src in Grafana's " +
      'content_security_policy_template. (' + text + ')'
    );
  }
  return 'The panel could not start: ' + text;
}
