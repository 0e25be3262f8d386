import { defineConfig } from 'vitest/config'

/** The adapters for AWS against the emulator at `AWS_ENDPOINT_URL`. */
export default defineConfig({
  test: { include: ['test/aws/**/*.test.ts'], testTimeout: 600_000, hookTimeout: 600_000 },
})
