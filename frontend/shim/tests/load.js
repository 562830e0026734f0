// Loads a source of the shim as the build bundles it, with the given modules in the host's place.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

import { buildSync } from 'esbuild';

const own = createRequire(import.meta.url);

export function load(file, host) {
  const { outputFiles } = buildSync({
    entryPoints: [fileURLToPath(new URL('../' + file, import.meta.url))],
    bundle: true,
    format: 'cjs',
    write: false,
    external: ['module', 'react', 'rxjs', '@grafana/*'],
  });
  const module = { exports: {} };
  const require = (name) => host[name] || own(name);
  new Function('module', 'exports', 'require', outputFiles[0].text)(module, module.exports, require);
  return module.exports;
}
