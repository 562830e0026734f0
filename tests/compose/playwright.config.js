// Against the Grafana of `docker compose up`; the workflow `grafana` runs this for each version.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig, devices } from '@playwright/test';

const auth = dirname(fileURLToPath(import.meta.resolve('@grafana/plugin-e2e'))) + '/auth';

export default defineConfig({
  testDir: '.',
  // History is made and scraped while the first test waits.
  timeout: 300_000,
  workers: 1,
  reporter: 'list',
  use: { baseURL: process.env.GRAFANA_URL || 'http://localhost:3000', trace: 'retain-on-failure' },
  projects: [
    { name: 'auth', testDir: auth, testMatch: [/.*\.js/] },
    {
      name: 'chromium',
      testMatch: 'grafana.spec.js',
      use: { ...devices['Desktop Chrome'], storageState: 'playwright/.auth/admin.json' },
      dependencies: ['auth'],
    },
  ],
});
