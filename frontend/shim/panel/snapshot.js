// What the WebAssembly side gets; frontend/panel/README.md is the reference of its keys.
import { dataFrameToJSON } from '@grafana/data';
import { config } from '@grafana/runtime';

import { messages } from './messages.js';

// The dashboard variables that say what the panel is about; notifications set them in their link.
const VARIABLES = ['alertname', 'namespace', 'pod', 'container', 'workload', 'instance', 'job', 'startsAt'];

// `sent` is the `data.series` the panel already has: frames are large, and most updates do not change them.
export function snapshot(props, theme, sent) {
  const { data, width, height, timeZone, replaceVariables } = props;
  const request = data.request || {};
  const range = data.timeRange || props.timeRange;
  return {
    state: data.state,
    requestId: request.requestId + '/' + request.endTime,
    frames: data.series === sent ? null : data.series.map((frame) => dataFrameToJSON(frame)),
    errors: messages(data),
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
}

// Grafana publishes no CSS variables: the panel makes its own of these.
function themeOf(theme) {
  const { background, border, text, primary, error, warning, success, info, action } = theme.colors;
  const { typography, shape } = theme;
  return {
    isDark: theme.isDark,
    colors: {
      backgroundPrimary: background.primary,
      backgroundSecondary: background.secondary,
      backgroundCanvas: background.canvas,
      borderWeak: border.weak,
      borderMedium: border.medium,
      borderStrong: border.strong,
      textPrimary: text.primary,
      textSecondary: text.secondary,
      textDisabled: text.disabled,
      textLink: text.link,
      textMaxContrast: text.maxContrast,
      primaryMain: primary.main,
      primaryText: primary.text,
      primaryContrastText: primary.contrastText,
      errorMain: error.main,
      errorText: error.text,
      warningMain: warning.main,
      warningText: warning.text,
      successMain: success.main,
      successText: success.text,
      infoText: info.text,
      actionHover: action.hover,
    },
    fontFamily: typography.fontFamily,
    fontFamilyMonospace: typography.fontFamilyMonospace,
    fontSizePx: typography.fontSize,
    radiusPx: parseFloat(shape.borderRadius(1)),
  };
}
