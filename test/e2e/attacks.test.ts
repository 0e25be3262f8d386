import { expect, test } from 'vitest'
import type { AttackResult } from '../attacks/attack.ts'
import { runHarness } from './run-harness.ts'

/** Of what buys time, the most expensive in each direction; `npm run attacks` has all. */
const timeBuyers = ['answers: one-byte chunks', 'uploads: one-byte chunks']
const attacks = [
  '100 idle sockets',
  'hostile site in a backup',
  ...timeBuyers,
  'bytes not counted',
  'lock-out of a person',
]

test('honest clients are served while others take a site, buy time, lock out a person, and fool backups and limits', async () => {
  const { code, output, json } = await runHarness<{ results: readonly AttackResult[] }>(
    'test/attacks/run.ts',
    '--requests',
    '20',
    // Other tests run beside it.
    '--patience',
    '10000',
    ...attacks.flatMap((name) => ['--only', name]),
  )
  expect(output).toContain('Everything holds.')
  expect(code).toBe(0)
  expect(json.results.map(({ name }) => name)).toEqual(attacks)
  for (const { requests, served } of json.results) expect([served, requests >= 20]).toEqual([requests, true])
  for (const { name, slowdown = 0 } of json.results) expect(slowdown > 0).toBe(timeBuyers.includes(name))
  // Router processes share a limit to about 2 % (docs/limits.md).
  expect(json.results[0]?.summary).toMatch(/^10[0-2] open, [1-9]\d* refused$/)
})

test('an attack that does not exist is refused with the list of attacks', async () => {
  const { code, output } = await runHarness('test/attacks/run.ts', '--only', 'nothing')
  expect(output).toContain('Attacks: 100 idle sockets,')
  expect(code).toBe(1)
})
