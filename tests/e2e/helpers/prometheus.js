// Debian's Prometheus with nothing in it, for pages about servers that have nothing to say.
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';

import { until } from './servers.js';
import { closedPort } from './workbench.js';

// Starts one and returns {url, stop}; `web` is the text of its web configuration file, where it has one.
export async function startPrometheus({ web = '' } = {}) {
  const directory = await mkdtemp(tmpdir() + '/leaklens-prometheus-');
  await writeFile(directory + '/prometheus.yml', '{}\n');
  await writeFile(directory + '/web.yml', web);
  const address = '127.0.0.1:' + (await closedPort());
  const options = ['--config.file=' + directory + '/prometheus.yml', '--storage.tsdb.path=' + directory + '/data'];
  options.push('--web.config.file=' + directory + '/web.yml', '--web.listen-address=' + address, '--log.level=error');
  const child = spawn('prometheus', options, { stdio: ['ignore', 'inherit', 'inherit'] });
  const ended = new Promise((resolve) => child.on('exit', resolve));
  const url = 'http://' + address;
  await until('Prometheus', 30, () => fetch(url + '/-/ready').then(({ status }) => status === 200 || status === 401, () => false));
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    await rm(directory, { recursive: true });
  };
  return { url, stop };
}
