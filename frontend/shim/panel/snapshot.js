// What the WebAssembly side gets; frontend/panel/README.md is the reference of its keys.
import { config } from '@grafana/runtime';

import { framesOf } from './frames.js';
import { messages } from './messages.js';

// The dashboard variables that say what the panel is about; notifications set them in their link.
const VARIABLES = ['alertname', 'namespace', 'pod', 'container', 'workload', 'instance', 'job', 'startsAt'];

// As text, and the numbers beside it. `sent` is the `data.series` the panel already has: frames are large, and most updates do not change them.
export function snapshot(props, theme, sent) {
  const { data, width, height, timeZone, replaceVariables, options } = props;
  const request = data.request || {};
  const range = data.timeRange || props.timeRange;
  const [frames, numbers] = data.series === sent ? [null, []] : framesOf(data.series);
  const snapshot = {
    state: data.state,
    requestId: request.requestId + '/' + request.endTime,
    frames,
    queries: (request.targets || []).length,
    errors: messages(data),
    options,
    fromMs: range.from.valueOf(),
    toMs: range.to.valueOf(),
    timeZone,
    width,
    height,
    appSubUrl: config.appSubUrl,
    theme: themeOf(theme),
    // As JSON text, so that one value, several, All and empty are told apart; one the dashboard does not have
    // comes back as it was asked for.
    variables: Object.fromEntries(VARIABLES.map((name) => [name, replaceVariables('${' + name + ':json}')])),
  };
  return [JSON.stringify(snapshot), numbers];
}

// Grafana publishes no CSS variables: the panel makes its own of these. Colours go by their place in the theme, such as
// `text.primary`.
function themeOf({ isDark, colors, typography, shape }) {
  const named = Object.entries(colors).flatMap(([group, shades]) => Object.entries(shades).map(([name, color]) => [group + '.' + name, color]));
  return {
    isDark,
    colors: Object.fromEntries(named.filter(([, color]) => typeof color === 'string')),
    fontFamily: typography.fontFamily,
    fontFamilyMonospace: typography.fontFamilyMonospace,
    fontSizePx: typography.fontSize,
    radiusPx: parseFloat(shape.borderRadius(1)),
  };
}
