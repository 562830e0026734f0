// Grafana's HTTP client, as far as plugins and @grafana/runtime use it.
import { Observable } from 'rxjs';

export class BackendSrv {
  constructor() {
    this.running = new Map();
  }

  // A second request under the same id cancels the first; unsubscribing cancels as well.
  fetch(options) {
    return new Observable((subscriber) => {
      const abort = new AbortController();
      const { requestId } = options;
      if (requestId) {
        this.resolveCancelerIfExists(requestId);
        this.running.set(requestId, abort);
      }
      send(options, abort.signal)
        .then((response) => {
          if (!response.ok) {
            throw response;
          }
          subscriber.next(response);
          subscriber.complete();
        })
        .catch((failed) => {
          const cancelled = failed.name === 'AbortError';
          const error = cancelled || failed instanceof Error ? { status: -1, statusText: failed.message, data: {}, cancelled } : failed;
          subscriber.error({ ...error, config: options });
        })
        .finally(() => this.running.get(requestId) === abort && this.running.delete(requestId));
      return () => abort.abort();
    });
  }

  resolveCancelerIfExists(requestId) {
    const abort = this.running.get(requestId);
    if (abort) {
      abort.abort();
    }
  }

  request(options) {
    return new Promise((resolve, reject) => {
      this.fetch(options).subscribe({ next: ({ data }) => resolve(data), error: reject });
    });
  }

  get(url, params, requestId, options) {
    return this.request({ ...options, method: 'GET', url, params, requestId });
  }

  post(url, data, options) {
    return this.request({ ...options, method: 'POST', url, data });
  }

  put(url, data, options) {
    return this.request({ ...options, method: 'PUT', url, data });
  }

  delete(url, data, options) {
    return this.request({ ...options, method: 'DELETE', url, data });
  }
}

async function send({ url, method = 'GET', params, data, headers }, signal) {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(params || {})) {
    for (const each of [].concat(value)) {
      search.append(name, each);
    }
  }
  const query = search.toString();
  const address = (url.startsWith('/') ? url : '/' + url) + (query ? (url.includes('?') ? '&' : '?') + query : '');
  const body = data === undefined ? undefined : JSON.stringify(data);
  const response = await fetch(address, {
    method,
    signal,
    headers: { ...headers, ...(body && { 'Content-Type': 'application/json' }) },
    body,
  });
  const text = await response.text();
  const { ok, status, statusText } = response;
  return { ok, status, statusText, url: address, headers: response.headers, data: parsed(text) };
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
