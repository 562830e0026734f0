// Debian's Prometheus without series, for pages about servers that have nothing or little to say.
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';

import { until } from './servers.js';
import { closedPort } from './workbench.js';

// Starts one and returns {url, stop}; `web` is the text of its web configuration file, `rules` that of a file of rules,
// where it has one. On a `port` of one that was stopped it takes that one's place, and remembers nothing.
export async function startPrometheus({ web = '', rules = '', port } = {}) {
  const directory = await mkdtemp(tmpdir() + '/leaklens-prometheus-');
  const config = { global: { evaluation_interval: '1s' }, rule_files: ['rules.yml'] };
  // YAML reads JSON.
  await writeFile(directory + '/prometheus.yml', JSON.stringify(config));
  await writeFile(directory + '/rules.yml', rules);
  await writeFile(directory + '/web.yml', web);
  const address = '127.0.0.1:' + (port || (await closedPort()));
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
