import { expect, test } from 'vitest'
import { restartLimits } from '../../local/restart-limits.ts'

test('a restart takes less time than routers hold requests, with fifteen seconds for what has no limit', () => {
  const { routersHold, ...parts } = restartLimits
  const longest = Object.values(parts).reduce((sum, milliseconds) => sum + milliseconds, 0)
  expect(longest).toBeLessThanOrEqual(routersHold - 15_000)
})
