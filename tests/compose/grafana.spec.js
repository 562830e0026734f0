// The archive in real Grafana: what the tests elsewhere show in a page of their own, once more where it matters.
import { expect, test } from '@grafana/plugin-e2e';

test('the data source is provisioned, starts its backend and reaches Prometheus', async ({ page }) => {
  await expect
    .poll(
      async () => {
        const answer = await page.request.get('/api/datasources/uid/leaklens/health');
        return (await answer.json()).message;
      },
      { timeout: 240_000, intervals: [2_000] }
    )
    .toMatch(/Prometheus .* has metrics of: .*django/);
});

test('the configuration form shows what is set and no secret', async ({ gotoDataSourceConfigPage, page }) => {
  await gotoDataSourceConfigPage('leaklens');
  await expect(page.locator('#leaklens-config-url')).toHaveValue('http://prometheus:9090');
  for (const secret of await page.locator('input[type=password]').all()) {
    await expect(secret).toHaveValue('');
  }
});

test('the dashboard of an alert shows its leak and its runbook', async ({ gotoDashboardPage, page }) => {
  const faults = [];
  page.on('pageerror', (error) => faults.push(error.message));
  await gotoDashboardPage({
    uid: 'leaklens',
    queryParams: new URLSearchParams({ 'var-alertname': 'HighMemoryGrowthRate', from: 'now-24h', to: 'now' }),
  });
  await expect(page.getByText(/leak/i).first()).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText('HighMemoryGrowthRate').first()).toBeVisible();
  await expect(page.locator('canvas').first()).toBeVisible();
  expect(faults).toEqual([]);
});

test('its counters are served', async ({ page }) => {
  const answer = await page.request.get('/api/plugins/leaklens-datasource/metrics');
  expect(answer.status()).toBe(200);
  expect(await answer.text()).toContain('leaklens_queries_total');
});
