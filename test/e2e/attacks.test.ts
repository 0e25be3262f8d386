import { expect, test } from 'vitest'
import type { AttackResult } from '../attacks/attack.ts'
import { runHarness } from './run-harness.ts'

test('honest clients are served while one client takes a site, another locks out a person, and a site fools backups and limits', async () => {
  const only = ['100 idle sockets', 'hostile site in a backup', 'bytes not counted', 'lock-out of a person'].flatMap(
    (name) => ['--only', name],
  )
  const { code, output, json } = await runHarness<{ results: readonly AttackResult[] }>(
    'test/attacks/run.ts',
    '--requests',
    '20',
    ...only,
  )
  expect(output).toContain('Everything holds.')
  expect(code).toBe(0)
  expect(json.results).toHaveLength(4)
  for (const { requests, served } of json.results) expect([served, requests >= 20]).toEqual([requests, true])
  // Router processes share a limit to about 2 % (docs/limits.md).
  expect(json.results[0]?.summary).toMatch(/^10[0-2] open, [1-9]\d* refused$/)
})

test('an attack that does not exist is refused with the list of attacks', async () => {
  const { code, output } = await runHarness('test/attacks/run.ts', '--only', 'nothing')
  expect(output).toContain('Attacks: 100 idle sockets,')
  expect(code).toBe(1)
})
