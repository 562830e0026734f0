// Loads WebAssembly once per page, however many panels the page shows: the panel at once, what judges series of other data
// sources and brings the compiled-in runbooks when there is something for it to do.
import { uri } from 'module';
import startJudge, { Judge, pages } from 'judge-glue';
import startPanel, { Panel } from 'panel-glue';

// The file names are put in by the build. The folder comes from this module's own address, which is right under a
// sub-path and on a CDN as well, where `meta.baseUrl` is not.
const base = uri ? uri.slice(0, uri.lastIndexOf('/') + 1) : 'public/plugins/leaklens-app/panel/';

export const loadPanel = once(PANEL_WASM, startPanel, Panel);
export const loadJudge = once(JUDGE_WASM, startJudge, { Judge, pages });

// Resolves to what the file brings. A failed load is forgotten, so the next one tries again.
function once(file, start, brings) {
  let ready = null;
  return () =>
    (ready ||= fetchAndStart(file, start).then(
      () => brings,
      (error) => {
        ready = null;
        throw error;
      }
    ));
}

// Bytes first, never instantiateStreaming: it rejects where a tracer wraps fetch, and it wants a MIME type.
async function fetchAndStart(file, start) {
  const response = await fetch(base + file);
  if (!response.ok) {
    throw new Error(file + ': HTTP ' + response.status + '. Is the plugin folder complete?');
  }
  await start({ module_or_path: await response.arrayBuffer() });
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
