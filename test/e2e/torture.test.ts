import { expect, test } from 'vitest'
import type { TortureResult } from '../../bin/torture/torture.ts'
import { runHarness } from './run-harness.ts'

test('a host that is killed, with its engine and its sites, loses nothing that was acknowledged and leaves nothing behind', async () => {
  const { code, output, json } = await runHarness<TortureResult>(
    'bin/torture.ts',
    ...['--minutes', '0.2', '--sites', '5', '--pool', '1', '--seed', '3'],
  )
  expect(output).toContain('Everything holds.')
  expect(code).toBe(0)
  expect(new Set(json.kills.map(({ victim }) => victim))).toEqual(new Set(['host', 'engine', 'site']))
  expect(json.sites).toEqual({ open: 5, failed: 0 })
  expect(json.acknowledgedEntries).toBeGreaterThan(0)
  expect(json.looks).toBeGreaterThanOrEqual(5)
}, 300_000)
