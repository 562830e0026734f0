// The shipped panel on a page of its own, fed by hand: any answer, any size, any option, without a dashboard around it.
import { open } from './browser.js';

// Opens the host's page, empties it and leaves the panel's module ready. `options` are those of the context.
export async function openStage(workbench, options) {
  const page = await open(workbench.url + '/plugins/leaklens-app', options);
  await page.waitForFunction(() => window.System && window.System.get('app:react'));
  await page.evaluate(async () => {
    const shared = (name) => window.System.get('app:' + name);
    const React = shared('react');
    const { plugin } = await window.System.import('/public/plugins/leaklens-app/panel/module.js');
    const place = document.createElement('div');
    place.style.position = 'absolute';
    document.body.replaceChildren(place);
    const theme = (mode) => shared('@grafana/data').createTheme({ colors: { mode } });
    let root = null;
    let props = {};
    const range = (fromMs, toMs) => ({ from: { valueOf: () => fromMs }, to: { valueOf: () => toMs }, raw: { from: fromMs, to: toMs } });
    const context = shared('@grafana/data').ThemeContext || shared('@grafana/ui').ThemeContext;
    const render = () => {
      const element = React.createElement(context.Provider, { value: theme(props.mode || 'dark') }, React.createElement(plugin.panel, props));
      document.body.style.background = props.mode === 'light' ? '#fff' : '#181b1f';
      if (root) {
        root.render(element);
      } else {
        root = window.mountTree(place, element);
      }
    };
    let asked = 0;
    window.stage = {
      plugin,
      // Shows the panel with these changes to what it has.
      show({ series, state = 'Done', errors, fromMs, toMs, variables = {}, queries = 1, ...changes }) {
        const timeRange = fromMs ? range(fromMs, toMs) : props.timeRange;
        const targets = Array.from({ length: queries }, (_, at) => ({ refId: String.fromCharCode(65 + at) }));
        const before = props.data || {};
        props = {
          id: 1,
          width: 1600,
          height: 860,
          timeZone: 'utc',
          options: {},
          replaceVariables: (text) => (text.slice(2, -6) in variables ? JSON.stringify(variables[text.slice(2, -6)]) : text),
          onChangeTimeRange: () => undefined,
          ...props,
          ...changes,
          timeRange,
          data: { state, errors, series: series ? series.map(shared('@grafana/data').toDataFrame) : before.series || [], timeRange, request: { requestId: 'Q' + (asked += series ? 1 : 0), targets } },
        };
        render();
      },
      leave() {
        root.unmount();
        root = null;
      },
    };
  });
  return page;
}

// Lets every data source answer with what stands in `window.answer`, without a server.
export function answerFromMemory(page) {
  return page.evaluate(() => {
    const { of } = window.System.get('app:rxjs');
    const source = { query: () => of(window.answer) };
    window.answer = { data: [] };
    window.System.get('app:@grafana/runtime').setDataSourceSrv({ get: async () => source, getInstanceSettings: () => undefined, getList: () => [] });
  });
}

// Shows the panel and waits until it stands.
export async function show(page, props) {
  await page.evaluate((props) => window.stage.show(props), props);
  await page.locator('.leaklens[aria-busy="false"]').waitFor({ timeout: 60_000 });
  return page.locator('.leaklens');
}
