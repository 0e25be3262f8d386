import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { functions, isHttp } from '../../../lambdas/manifest.ts'
import { grantsOfFunction } from '../support/statements.ts'
import { synthesise } from '../support/synthesise.ts'

/** By function: actions that the previous release no longer called. Delete them here and in the file in the next release. */
const narrowed: Readonly<Record<string, readonly string[]>> = {}

const file = 'test/lib/summaries/api-actions.txt'
const kept = new Map(
  readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(': '))
    .map(([name = '', actions = '']) => [name, actions.split(', ')]),
)

const { template } = await synthesise()
const behindApi = functions.filter(isHttp)

// Actions only: a narrower resource or condition is left to the review of the summaries.
it.each(behindApi)('$name may do all that the version before it may do', ({ name }) => {
  const statements = grantsOfFunction(template('control'), name).filter(({ effect }) => effect === 'Allow')
  const granted = [...new Set(statements.flatMap(({ actions }) => actions))].toSorted()
  const known = kept.get(name) ?? []
  const before = known.filter((action) => !narrowed[name]?.includes(action))
  expect(
    before.filter((action) => !granted.includes(action)),
    `The version of ${name} before this one serves during the canary, with the same role. Keep these actions for one release after ` +
      'the last call of them is gone; in the next release, list them in `narrowed` of this file. Do not shorten the list of actions without that.',
  ).toEqual([])
  expect(
    granted.filter((action) => !known.includes(action)),
    `Add these actions to the line of ${name} in ${file}: the next release has to keep them.`,
  ).toEqual([])
})

it('keeps no action of a function that is gone, and lists none as narrowed that is still allowed or unknown', () => {
  expect([...kept.keys()]).toEqual(behindApi.map(({ name }) => String(name)).toSorted())
  for (const [name, actions] of Object.entries(narrowed)) {
    const statements = grantsOfFunction(template('control'), name).filter(({ effect }) => effect === 'Allow')
    const granted = statements.flatMap((statement) => statement.actions)
    expect([name, actions.filter((one) => granted.includes(one) || !kept.get(name)?.includes(one))]).toEqual([name, []])
  }
})
