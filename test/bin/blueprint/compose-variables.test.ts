import fc from 'fast-check'
import { expect, it } from 'vitest'
import { settle } from '../../../bin/blueprint/init/settle.ts'
import { interpolate, plain, readEnv, variablesOf } from '../../../bin/blueprint/init/variables.ts'

const known: Readonly<Record<string, string>> = { FULL: 'full-value', EMPTY: '' }
const lookup = (name: string): string | undefined => known[name]

/** A text in the syntax of compose, and what the specification makes of it. */
interface Expression {
  readonly text: string
  readonly value: string
}

const join = (parts: readonly Expression[]): Expression => ({
  text: parts.map(({ text }) => text).join(''),
  value: parts.map(({ value }) => value).join(''),
})

const { expression } = fc.letrec<{ expression: Expression; part: Expression }>((tie) => ({
  expression: fc.array(tie('part'), { maxLength: 3, depthIdentifier: 'nested' }).map(join),
  part: fc.oneof(
    { depthSize: 'small', depthIdentifier: 'nested' },
    fc.stringMatching(/^[a-z:/@. -]{1,6}$/).map((text) => ({ text, value: text })),
    fc.constant({ text: '$$', value: '$' }),
    fc.constantFrom('FULL', 'EMPTY', 'NONE').map((name) => ({ text: `\${${name}}`, value: lookup(name) ?? '' })),
    fc
      .record({
        name: fc.constantFrom('FULL', 'EMPTY', 'NONE'),
        how: fc.constantFrom('-', ':-', '+', ':+', '?', ':?'),
        other: tie('expression'),
      })
      .map(({ name, how, other }) => {
        const value = lookup(name)
        const isGiven = how.startsWith(':') ? Boolean(value) : value !== undefined
        const table = { '-': isGiven ? value : other.value, '+': isGiven ? other.value : '', '?': isGiven ? value : '' }
        return { text: `\${${name}${how}${other.text}}`, value: table[how.at(-1) as '-' | '+' | '?'] ?? '' }
      }),
  ),
}))

it('an expression has the value that the specification gives it', () => {
  fc.assert(
    fc.property(expression, ({ text, value }) => {
      expect(plain(interpolate(text, lookup))).toBe(value)
    }),
    { numRuns: 2000 },
  )
})

it('a file of variables has the values that Compose gives them', () => {
  const text = [
    'WORD=ab#cd$FULL # said',
    'COLOUR=#ffaa00',
    'NONE= # said',
    "export KEY=it's#1\r",
    'QUOTED="a#b" # said',
    "LINES='A=c#d",
    "B=e#f'",
    'PLAIN=a # b#c',
    "KEPT='$FULL'",
    'ABSENT',
    'USER_NAME=ada',
    'ADDRESS=pg://${USER_NAME}@db',
    'LAST=$ADDRESS/a',
  ]
  const found = Object.entries(readEnv(text.join('\n'), lookup)).map(([name, value]) => [name, value && plain(value)])
  expect(Object.fromEntries(found)).toEqual({
    ...{ WORD: 'ab#cdfull-value', COLOUR: '#ffaa00', NONE: '', KEY: "it's#1", QUOTED: 'a#b', LINES: 'A=c#d\nB=e#f' },
    ...{ PLAIN: 'a', KEPT: '$FULL', ABSENT: null, USER_NAME: 'ada', ADDRESS: 'pg://ada@db', LAST: 'pg://ada@db/a' },
  })
})

it('each variable without a value is kept with its whole expression', () => {
  const [found] = variablesOf(interpolate('a ${NONE:?say ${FULL}} b', lookup)).found
  expect(found).toMatchObject({ name: 'NONE' })
  expect(found?.expression).toContain('${NONE:?say')
})

it('a literal of any service stays in its variable', () => {
  const names = ['db', 'redis', 'app']
  const value = fc.oneof(fc.constantFrom(...names), fc.stringMatching(/^[A-Za-z0-9 $_.,;-]{1,12}$/))
  const environment = fc.dictionary(fc.constantFrom('MODE', 'DRIVER', 'POSTGRES_DB', 'TITLE', 'LEVEL'), value)
  fc.assert(
    fc.property(fc.tuple(environment, environment, environment), (environments) => {
      const containers = names.map((name, index) => ({
        ...{ name, hosts: [name], image: `${name}-own:1`, ports: [], volumes: [], writable: [], after: [] },
        ...{ isPublished: name === 'app', questions: [], environment: environments[index] ?? {} },
      }))
      const draft = settle({ source: 'generated', name: 'generated', containers })
      for (const [index, { fields }] of draft.containers.entries()) {
        const texts = Object.entries(fields.environment).map(([name, text]) => [name, text.replaceAll('$$', '$')])
        expect(Object.fromEntries(texts)).toEqual(environments[index])
      }
    }),
  )
})
