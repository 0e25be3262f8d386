import { defineConfig } from 'vitest/config'

const live = 'test/stripe/live.test.ts'
const isLive = process.env['SITEWRIGHT_STRIPE_LIVE'] !== undefined

/**
 * The adapter against stripe-mock at `STRIPE_MOCK_URL`, and the stand-in against the description that came with it; or, live,
 * the adapter against a sandbox of Stripe, whose test clocks take minutes.
 */
export default defineConfig({
  test: {
    include: isLive ? [live] : ['test/stripe/**/*.test.ts'],
    exclude: isLive ? [] : [live],
    testTimeout: isLive ? 900_000 : 600_000,
    hookTimeout: 600_000,
  },
})
