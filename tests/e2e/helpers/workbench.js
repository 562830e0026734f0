// A workbench of one's own, for pages that need no metrics: the real plugin behind the real page, asking a
// Prometheus that is not there, or the server that a test names.
import { spawn } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const target = process.env.CARGO_TARGET_DIR || root + 'target';

// Starts one and returns {url, stop}. `host` is a folder of tests/page/hosts whose page is built; `server` is what the
// data source is provisioned with instead of what ships: {url, basicAuth, ...}; `others` are data sources beside it.
export async function startWorkbench({ host = process.env.LEAKLENS_HOST || 'grafana-13', role = 'admin', server, others = [] } = {}) {
  const provisioning = await mkdtemp(tmpdir() + '/leaklens-provisioning-');
  await cp(root + 'provisioning', provisioning, { recursive: true });
  if (server) {
    const source = { name: 'Leaklens', type: 'leaklens-datasource', uid: 'leaklens', access: 'proxy', ...server };
    // YAML reads JSON.
    await writeFile(provisioning + '/datasources/leaklens.yaml', JSON.stringify({ apiVersion: 1, datasources: [source, ...others] }));
  }
  const options = ['--plugins', root + 'dist', '--provisioning', provisioning, '--page', target + '/page/' + host];
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
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    await rm(provisioning, { recursive: true });
  };
  return { url, stop };
}

// A port nothing listens on.
export function closedPort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
