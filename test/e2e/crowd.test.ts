import { expect, test } from 'vitest'
import type { StormResult } from '../crowd/report.ts'
import { runHarness } from './run-harness.ts'

test('people who come at once, more than the pool holds, each get a working site of their own', async () => {
  const { code, output, json } = await runHarness<StormResult>('test/crowd/run.ts', '--people', '12', '--pool', '2')
  expect(output).toContain('Everything holds.')
  expect(code).toBe(0)
  expect(json.people).toBe(12)
  expect(json.fromPool).toBeGreaterThanOrEqual(1)
  expect(json.fromPool).toBeLessThan(12)
  expect(json.steps['read']?.count).toBe(12)
  expect(json.health.count).toBeGreaterThan(0)
  expect(json.pool).toEqual({ ready: 2, target: 2 })
  expect(json.routes['POST /v1/signups']).toEqual({ statuses: { 201: 12 }, lost: 0 })
})

test('a crowd at a host that is not there says what does not hold, and fails', async () => {
  const { code, output } = await runHarness('test/crowd/run.ts', '--people', '2', '--url', 'http://127.0.0.1:9')
  expect(output).toContain('http://127.0.0.1:9 does not answer')
  expect(code).toBe(1)
})
