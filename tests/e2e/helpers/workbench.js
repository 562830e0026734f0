// A workbench of one's own, for pages that need no metrics: the real plugin behind the real page, asking a
// Prometheus that is not there.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const target = process.env.CARGO_TARGET_DIR || root + 'target';

// Starts one and returns {url, stop}. `host` is a folder of tests/page/hosts whose page is built.
export async function startWorkbench({ host = process.env.LEAKLENS_HOST || 'grafana-13', role = 'admin' } = {}) {
  const options = ['--plugins', root + 'dist', '--provisioning', root + 'provisioning', '--page', target + '/page/' + host];
  const child = spawn(target + '/debug/workbench', [...options, '--role', role, '--port', '0'], {
    cwd: root,
    env: { ...process.env, PROMETHEUS_URL: 'http://127.0.0.1:' + (await closedPort()) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.on('exit', (code, signal) => resolve(code ?? signal)));
  const ready = new Promise((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [, url] = line.match(/ready: (\S+)/) || [];
      if (url) {
        resolve(url);
      }
    });
  });
  const url = await Promise.race([ready, ended.then((how) => Promise.reject(new Error('the workbench ended with ' + how)))]);
  const stop = () => {
    child.kill('SIGTERM');
    return ended;
  };
  return { url, stop };
}

// A port nothing listens on.
function closedPort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
