// Time ranges of the address.
import { dateMath, dateTime, rangeUtil } from '@grafana/data';

export function timeRange(from, to, timeZone) {
  const raw = { from, to };
  return {
    from: moment(from, false, timeZone),
    to: moment(to, true, timeZone),
    raw: isRelative(from) || isRelative(to) ? raw : { from: moment(from), to: moment(to) },
  };
}

// A step that leaves about one point per pixel.
export function interval(range, maxDataPoints, lowLimit) {
  return rangeUtil.calculateInterval(range, maxDataPoints, lowLimit);
}

function isRelative(text) {
  return text.includes('now');
}

function moment(text, roundUp, timeZone) {
  return /^\d+$/.test(text) ? dateTime(parseInt(text, 10)) : dateMath.parse(text, roundUp, timeZone) || dateTime(text);
}
