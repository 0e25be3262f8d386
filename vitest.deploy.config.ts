import { defineConfig } from 'vitest/config'

/** A journey on the templates as MiniStack at `SITEWRIGHT_MINISTACK` deploys them. */
export default defineConfig({
  test: {
    include: ['test/deploy/**/*.test.ts'],
    globalSetup: ['test/deploy/support/set-up.ts'],
    // All use the same deployment.
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 600_000,
    env: {
      AWS_ENDPOINT_URL: process.env['SITEWRIGHT_MINISTACK'] ?? '',
      // The account's number.
      AWS_ACCESS_KEY_ID: '123456789012',
      AWS_SECRET_ACCESS_KEY: 'unused',
      AWS_REGION: 'eu-central-1',
    },
  },
})
