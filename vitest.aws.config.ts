import { defineConfig } from 'vitest/config'

/** The adapters for AWS against the emulator at `AWS_ENDPOINT_URL`. */
export default defineConfig({
  test: {
    include: ['test/aws/**/*.test.ts'],
    testTimeout: 90_000,
    hookTimeout: 60_000,
  },
})
