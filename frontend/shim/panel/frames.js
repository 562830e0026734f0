// Frames for the WebAssembly side: [JSON form of each, arrays of numbers]. Cells that are numbers are copied whole; in the
// JSON stands only which of the arrays they are.
import { dataFrameToJSON } from '@grafana/data';
import { config } from '@grafana/runtime';

export function framesOf(series) {
  const numbers = [];
  const frames = series.map((frame) => {
    const json = dataFrameToJSON(frame);
    const { fields } = json.schema;
    json.data.values = json.data.values.map((cells, index) => (/^(number|time)$/.test(fields[index].type) ? numbers.push(copied(cells)) - 1 : cells));
    frame.fields.forEach((field, index) => (fields[index].links = links(field, frame)));
    return json;
  });
  return [frames, numbers];
}

// A null is NaN.
function copied(cells) {
  const copy = new Float64Array(cells.length);
  for (let at = 0; at < cells.length; at += 1) {
    copy[at] = cells[at] ?? NaN;
  }
  return copy;
}

// The links of a field for its newest value, variables filled in. Grafana puts its own path before addresses of its
// pages; the panel does that for all alike.
function links({ config: { links }, getLinks }, frame) {
  const own = (href) => (href.startsWith(config.appSubUrl + '/') ? href.slice(config.appSubUrl.length) : href);
  return links?.length && getLinks
    ? getLinks({ valueRowIndex: frame.length - 1 }).map(({ title, href }) => ({ title, href: own(href) }))
    : undefined;
}
