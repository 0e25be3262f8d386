import { expect, it } from 'vitest'
import * as z from 'zod'
import { SitewrightError } from '../../../core/errors.ts'
import { parseInput } from '../../../lambdas/_runtime/parse-input.ts'

const schema = z.strictObject({
  email: z.email('must be an e-mail address'),
  about: z.strictObject({ tags: z.array(z.string('must be text')) }).optional(),
  count: z.coerce.number().default(3),
})

const refusal = (input: unknown, place: Parameters<typeof parseInput>[2] = 'body'): SitewrightError => {
  try {
    parseInput(schema, input, place)
  } catch (error) {
    if (error instanceof SitewrightError) return error
    throw error
  }
  throw new Error('this input was taken')
}

it('returns valid input as parsed by the schema', () => {
  expect(parseInput(schema, { email: 'ada@example.com', count: '7' }, 'query')).toEqual({
    email: 'ada@example.com',
    count: 7,
  })
})

it('names every error with its path', () => {
  const error = refusal({ email: 'ada', about: { tags: ['x', 1], more: true }, other: 1 })
  expect(error.kind).toBe('InvalidRequest')
  expect(error.fields).toHaveLength(4)
  expect(error.fields).toEqual(
    expect.arrayContaining([
      { path: 'email', message: 'must be an e-mail address' },
      { path: 'about.tags.1', message: 'must be text' },
      { path: 'about.more', message: 'is not known here' },
      { path: 'other', message: 'is not known here' },
    ]),
  )
})

it.each([
  ['body', "The request's body is not valid: email: must be an e-mail address."],
  ['query', "The request's query is not valid: email: must be an e-mail address."],
  ['params', "The request's params is not valid: email: must be an e-mail address."],
] as const)('says what is wrong in the %s, and where', (place, message) => {
  expect(refusal({ email: 'ada' }, place).message).toBe(message)
})

it('refuses input that is not an object', () => {
  const error = refusal(null)
  expect(error.message).toMatch(/^The request's body is not valid: \w/)
  expect(error.fields.map(({ path }) => path)).toEqual([''])
})

it('does not repeat the input', () => {
  const error = refusal({ email: 'hunter2', count: 'hunter2' })
  expect(JSON.stringify([error.message, error.fields])).not.toContain('hunter2')
})
