// The configuration form. What each setting does stands in docs/settings.md; the keys are those of Grafana's own
// Prometheus data source, and a few of ours.
import { Fragment } from 'react';
import { FieldSet, InlineSwitch, SecretInput, SecretTextArea } from '@grafana/ui';

import { h, Text } from '../form.js';
import { choice, id, line, lines, number, pairs, secret, text, toggle } from './fields.js';
import { Headers } from './headers.js';

const MIB = 1048576;

export function ConfigEditor({ options, onOptionsChange }) {
  const json = options.jsonData || {};
  const set = (changes) => onOptionsChange({ ...options, ...changes });
  const setJson = (changes) => set({ jsonData: { ...json, ...changes } });
  const form = { options, json, set, setJson, disabled: options.readOnly };
  return h(
    Fragment,
    null,
    h(
      FieldSet,
      { label: 'Server' },
      line(
        'url',
        'URL',
        'Prometheus, VictoriaMetrics, Mimir, Thanos or anything that speaks their API; a path prefix is fine',
        h(Text, {
          id: id('url'),
          disabled: form.disabled,
          placeholder: 'http://prometheus:9090',
          value: options.url || '',
          onDone: (url) => set({ url: url.trim() }),
        })
      ),
      choice(form, 'httpMethod', 'Method', 'POST falls back to GET where a server does not take it', ['POST', 'GET']),
      text(form, 'timeout', 'Timeout', 'Longest wait for an answer, in seconds or as 1m30s', '30'),
      text(form, 'timeInterval', 'Scrape interval', 'Where the server does not list its targets', '15s'),
      text(form, 'customQueryParameters', 'Query parameters', 'Sent with every query, as in a URL', 'dedup=true')
    ),
    h(
      FieldSet,
      { label: 'Authentication' },
      line(
        'basicAuth',
        'Basic authentication',
        null,
        h(InlineSwitch, {
          id: id('basicAuth'),
          disabled: form.disabled,
          value: !!options.basicAuth,
          onChange: (event) => set({ basicAuth: event.currentTarget.checked }),
        })
      ),
      options.basicAuth &&
        line(
          'basicAuthUser',
          'User',
          null,
          h(Text, {
            id: id('basicAuthUser'),
            disabled: form.disabled,
            value: options.basicAuthUser || '',
            onDone: (basicAuthUser) => set({ basicAuthUser }),
          })
        ),
      options.basicAuth && secret(form, 'basicAuthPassword', 'Password', null, SecretInput),
      secret(form, 'bearerToken', 'Bearer token', 'Sent as Authorization: Bearer', SecretInput),
      h(Headers, form)
    ),
    h(
      FieldSet,
      { label: 'TLS' },
      toggle(form, 'tlsSkipVerify', 'Skip verification', 'Accept any certificate: anyone between can read and change answers'),
      toggle(form, 'tlsAuthWithCACert', 'Own CA', 'Trust this certificate authority and no other'),
      json.tlsAuthWithCACert && secret(form, 'tlsCACert', 'CA certificate', 'PEM', SecretTextArea),
      toggle(form, 'tlsAuth', 'Client certificate', 'For servers that want one'),
      json.tlsAuth && secret(form, 'tlsClientCert', 'Certificate', 'PEM, with its chain', SecretTextArea),
      json.tlsAuth && secret(form, 'tlsClientKey', 'Key', 'PEM', SecretTextArea)
    ),
    h(
      FieldSet,
      { label: 'What counts as a leak' },
      text(form, 'profile', 'Profile', 'Which metrics mean memory, limits and restarts; auto picks by what the server has', 'auto'),
      number(form, 'growthBytesPerHour', 'Growth (MiB per hour)', 'Growth that makes a leak', '10', MIB),
      number(form, 'criticalGrowthBytesPerHour', 'Critical growth (MiB per hour)', null, '50', MIB),
      number(form, 'usageBytes', 'Usage (MiB)', 'Usage worth a warning', '500', MIB),
      number(form, 'criticalUsageBytes', 'Critical usage (MiB)', null, '1000', MIB),
      number(form, 'minEvidenceSecs', 'Shortest evidence (seconds)', 'Nothing is concluded from a shorter history', '1800')
    ),
    h(
      FieldSet,
      { label: 'Runbooks' },
      lines(form, 'runbooks', 'Folders and files', 'Markdown the backend can read, one path a line; they replace or extend the built-in pages'),
      pairs(form, 'clusters', 'Clusters', 'kubectl contexts by the value of the cluster label, one "value=context" a line'),
      text(form, 'logsLink', 'Link to logs', 'With ${namespace}, ${pod} and ${container} to be filled in', 'https://logs/?pod=${pod}'),
      text(form, 'profilesLink', 'Link to profiles', 'Filled in likewise', 'https://profiles/?pod=${pod}')
    ),
    h(
      FieldSet,
      { label: 'Limits' },
      choice(form, 'gzip', 'Compression', 'auto: small answers over a network; raw samples take longer to compress than to send', [
        'auto',
        'on',
        'off',
      ]),
      number(form, 'maxSeries', 'Series', 'Most series read from one answer; a notice counts the rest', '100000'),
      number(form, 'maxSamples', 'Samples', 'Most samples read from one answer; likewise', '20000000'),
      number(form, 'maxResponseBytes', 'Answer (MiB)', 'Largest answer, decompressed; a larger one is an error', '512', MIB),
      number(form, 'concurrency', 'Queries at a time', null, '4')
    )
  );
}
