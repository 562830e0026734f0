// The messages of what failed in an answer. Grafana 9 gives one `error`, later ones `errors`.
export function messages({ error, errors, request }) {
  const all = errors && errors.length ? errors : error ? [error] : [];
  return all.map(({ refId, message, data, statusText }) => {
    const text = message || (data && (data.error || data.message)) || statusText || 'unknown error';
    return refId && (all.length > 1 || request?.targets?.length > 1) ? refId + ': ' + text : text;
  });
}
