// Every dashboard is what Grafana's own types say a dashboard is, and so are the options of its panels.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import ts from 'typescript';

const HERE = dirname(fileURLToPath(import.meta.url));
const DASHBOARDS = join(HERE, '../../provisioning/dashboards');
const OPTIONS = {
  bargauge: 'raw/composable/bargauge/panelcfg/x/BarGaugePanelCfg_types.gen',
  stat: 'raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen',
  table: 'raw/composable/table/panelcfg/x/TablePanelCfg_types.gen',
  timeseries: 'raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen',
};

// What a type is in JSON: an enum's member is its text.
const PLAIN = `
type Plain<T> = T extends string ? \`\${T}\` : T extends number | boolean ? T : T extends object ? { [K in keyof T]: Plain<T[K]> } : T;
`;

// What the compiler says about a dashboard's text.
function complaints(name, text) {
  const dashboard = JSON.parse(text);
  const lines = [`import type { Dashboard } from '@grafana/schema';`, PLAIN, `export const dashboard: Plain<Dashboard> = ${text};`];
  dashboard.panels.forEach((panel, place) => {
    if (OPTIONS[panel.type]) {
      lines.push(`import type { Options as Options${place} } from '@grafana/schema/dist/esm/${OPTIONS[panel.type]}';`);
      lines.push(`export const options${place}: Plain<Partial<Options${place}>> = ${JSON.stringify(panel.options)};`);
    }
  });
  // Beside the packages, so that they are found.
  const directory = mkdtempSync(join(HERE, '.check-'));
  try {
    const file = join(directory, name.replace(/\.json$/, '.ts'));
    writeFileSync(file, lines.join('\n'));
    const program = ts.createProgram([file], {
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      types: [],
    });
    return ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const files = readdirSync(DASHBOARDS).filter((name) => name.endsWith('.json'));

test('there are dashboards', () => assert.ok(files.length >= 3, files.join(', ')));

for (const name of files) {
  const text = readFileSync(join(DASHBOARDS, name), 'utf8');
  test(`${name} is a dashboard`, () => assert.deepEqual(complaints(name, text), []));
}

test('a wrong dashboard is found out', () => {
  const text = readFileSync(join(DASHBOARDS, 'leaklens-fleet.json'), 'utf8');
  for (const [right, wrong] of [
    ['"graphTooltip"', '"graphTooltips"'],
    ['"mode": "absolute"', '"mode": "absolut"'],
    ['"graphMode"', '"graphModes"'],
    ['"multi": true', '"multi": "yes"'],
  ]) {
    assert.ok(text.includes(right), right);
    assert.notEqual(complaints('wrong.json', text.replace(right, wrong)).length, 0, wrong);
  }
});
