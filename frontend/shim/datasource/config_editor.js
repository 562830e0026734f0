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
        'Anything that speaks Prometheus\' API; a path prefix is fine',
        h(Text, {
          id: id('url'),
          disabled: form.disabled,
          placeholder: 'http://prometheus:9090',
          value: options.url || '',
          onDone: (url) => set({ url: url.trim() }),
        })
      ),
      choice(form, 'httpMethod', 'Method', 'POST falls back to GET', ['POST', 'GET']),
      text(form, 'timeout', 'Timeout', 'Longest wait, in seconds or as 1m30s', '30'),
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
      toggle(form, 'tlsSkipVerify', 'Skip verification', 'Accept any certificate'),
      toggle(form, 'tlsAuthWithCACert', 'Own CA', 'Trust this one only'),
      json.tlsAuthWithCACert && secret(form, 'tlsCACert', 'CA certificate', 'PEM', SecretTextArea),
      toggle(form, 'tlsAuth', 'Client certificate', null),
      json.tlsAuth && secret(form, 'tlsClientCert', 'Certificate', 'PEM, with its chain', SecretTextArea),
      json.tlsAuth && secret(form, 'tlsClientKey', 'Key', 'PEM', SecretTextArea)
    ),
    h(
      FieldSet,
      { label: 'What counts as a leak' },
      text(form, 'profile', 'Profile', 'Which metrics mean memory; auto takes what is there', 'auto'),
      number(form, 'growthBytesPerHour', 'Growth (MiB per hour)', 'Growth that makes a leak', '10', MIB),
      number(form, 'criticalGrowthBytesPerHour', 'Critical growth (MiB per hour)', null, '50', MIB),
      number(form, 'usageBytes', 'Usage (MiB)', 'Usage worth a warning', '500', MIB),
      number(form, 'criticalUsageBytes', 'Critical usage (MiB)', null, '1000', MIB),
      number(form, 'minEvidenceSecs', 'Shortest evidence (seconds)', 'A shorter history concludes nothing', '1800')
    ),
    h(
      FieldSet,
      { label: 'Runbooks' },
      lines(form, 'runbooks', 'Folders and files', 'Markdown, one path a line; they replace or extend ours'),
      pairs(form, 'runbookParameters', 'Parameters', 'For placeholders no label answers, one "name=value" a line'),
      pairs(form, 'clusters', 'Clusters', 'kubectl contexts, one "cluster=context" a line'),
      text(form, 'userActivityMetric', 'User activity metric', 'A counter that memory is compared with', 'logins_total')
    ),
    h(
      FieldSet,
      { label: 'Alerts' },
      text(form, 'rulerUrl', 'Ruler URL', 'Where rules are, if not at the URL', 'http://vmalert:8880'),
      text(form, 'alertmanagerUrl', 'Alertmanager URL', 'For silences and inhibitions', 'http://alertmanager:9093'),
      text(form, 'alertmanagerUser', 'Its user'),
      secret(form, 'alertmanagerPassword', 'Its password', null, SecretInput),
      secret(form, 'alertmanagerToken', 'Its token', null, SecretInput)
    ),
    h(
      FieldSet,
      { label: 'Links' },
      ['logs', 'profiles', 'changes', 'explore', 'rule', 'silence'].map((link) =>
        text(form, link + 'Link', 'To ' + link, 'Such as https://host/?pod=${pod}')
      ),
      text(form, 'prometheusUid', 'Prometheus for Explore', 'The uid of the data source that findings lead to')
    ),
    h(
      FieldSet,
      { label: 'Limits' },
      choice(form, 'gzip', 'Compression', 'auto: small answers over a network', [
        'auto',
        'on',
        'off',
      ]),
      number(form, 'maxSeries', 'Series', 'Most in one answer; a notice counts the rest', '100000'),
      number(form, 'maxSamples', 'Samples', 'Most in one answer; likewise', '20000000'),
      number(form, 'maxResponseBytes', 'Answer (MiB)', 'Largest, decompressed', '512', MIB),
      number(form, 'concurrency', 'Queries at a time', null, '4')
    )
  );
}
