import { defineConfig } from 'vitest/config'

/** The adapter against stripe-mock at `STRIPE_MOCK_URL`, and the stand-in against the description that came with it. */
export default defineConfig({
  test: {
    include: ['test/stripe/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
