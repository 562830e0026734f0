// Alerts of Grafana's own rules, as its API answers to the user who is logged in.
import { getBackendSrv, getDataSourceSrv } from '@grafana/runtime';

// What the backend reads under a query's `grafana`. Never rejects: what could not be read is among the faults.
export async function grafanaAlerts() {
  const faults = [];
  const ask = (url) =>
    getBackendSrv()
      .get('/api/' + url, undefined, undefined, { showErrorAlert: false })
      .catch(({ status, data, statusText }) => {
        // A Grafana whose own alerting is switched off has no such page.
        if (status !== 404) {
          faults.push("Grafana's own alerts could not be read: " + status + ' ' + ((data && data.message) || statusText));
        }
        return [];
      });
  const { data = {} } = await ask('prometheus/grafana/api/v1/alerts?includeInternalLabels=true');
  const alerts = (data.alerts || []).filter(({ state }) => !/^normal/i.test(state));
  // Only what is active can be silenced.
  const both = alerts.length ? ['alerts', 'silences'].map((what) => ask('alertmanager/grafana/api/v2/' + what)) : [];
  const [notified = [], silences = []] = await Promise.all(both);
  const suppressed = notified.filter(({ status }) => status.state === 'suppressed');
  // The Alertmanager that gets the alerts of servers, where it is plain which one that is.
  const [{ name } = {}, another] = getDataSourceSrv().getList({ pluginId: 'alertmanager', all: true });
  return {
    alerts,
    suppressed,
    silences: silences.filter(({ id }) => suppressed.some(({ status }) => status.silencedBy.includes(id))),
    faults,
    alertmanager: another ? undefined : name,
  };
}
