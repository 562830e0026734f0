// Frames for the WebAssembly side: [JSON form of each, arrays of numbers]. Cells that are numbers go whole; in the
// JSON stands only which of the arrays they are. It is what Grafana's own JSON form of a frame has of what the panel reads:
// that one looks through every cell.
import { config } from '@grafana/runtime';

export function framesOf(series) {
  const numbers = [];
  const cellsOf = ({ type, values }) => {
    // Early Grafana has its own kind of list.
    const cells = Array.isArray(values) || ArrayBuffer.isView(values) ? values : values.toArray();
    return /^(number|time)$/.test(type) ? numbers.push(floats(cells)) - 1 : cells;
  };
  const frames = series.map((frame) => {
    const { name, refId, meta, fields } = frame;
    const schema = {
      name,
      refId,
      meta: meta && { notices: meta.notices, executedQueryString: meta.executedQueryString },
      fields: fields.map((field) => {
        const { name, type, labels, config: { unit } } = field;
        return { name, type, labels, config: { unit }, links: links(field, frame) };
      }),
    };
    return { schema, data: { values: fields.map(cellsOf) } };
  });
  return [frames, numbers];
}

// A null is NaN, which the browser's own way of copying makes zero. The other side copies what it is given.
function floats(cells) {
  if (cells instanceof Float64Array) {
    return cells;
  }
  const copy = new Float64Array(cells.length);
  if (!cells.includes(null)) {
    copy.set(cells);
    return copy;
  }
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
