import { expect, it, vi } from 'vitest'
import { askedExtent } from '../../support/faults/extent.ts'
import { scenarios } from './scenarios.ts'
import { sweepAws } from './sweep.ts'

// Seconds of waiting are what such a run is made of; nothing else of what is deployed is changed.
vi.mock('../../../adapters/console-log.ts', () => import('./silent-log.ts'))
vi.mock('../../../cloud/parts/waiting.ts', () => import('../support/hasty-waiting.ts'))
vi.mock('../../../cloud/parts/client-settings.ts', () => import('./hasty-clients.ts'))
vi.mock('../../../adapters/cells/client-settings.ts', () => import('./hasty-clients.ts'))

const extent = askedExtent(8)

/** One scenario is one file, so that they run side by side. */
export const sweepTest = (name: keyof typeof scenarios): void => {
  const scenario = scenarios[name]
  it(`${scenario.name}: whatever call of AWS goes wrong, there is neither an orphan nor a double`, {
    timeout: 1_800_000,
  }, async () => {
    const { calls, points, unreached, failures } = await sweepAws(scenario, extent)
    process.stderr.write(
      `${scenario.name}: ${calls.length} calls of AWS, ${points} faults, not reached: ${unreached.join(', ') || 'none'}\n`,
    )
    expect(failures.join('\n\n')).toBe('')
    expect(points).toBeGreaterThan(3)
    // A sample of a few points may have one.
    expect(unreached.length).toBeLessThanOrEqual(Math.ceil(points / 4))
  })
}
