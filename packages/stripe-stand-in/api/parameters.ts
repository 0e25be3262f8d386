import * as z from 'zod'
import { invalidRequest } from '../stripe-fault.ts'
import type { Form, FormValue } from './read-form.ts'

const path = (parts: readonly PropertyKey[]): string =>
  parts.map((part, index) => (index === 0 ? String(part) : `[${String(part)}]`)).join('')

const valueAt = (form: FormValue | undefined, [first, ...rest]: readonly PropertyKey[]): FormValue | undefined => {
  if (first === undefined || form === undefined || typeof form === 'string') return form
  const found = Array.isArray(form) ? form[Number(first)] : form[String(first)]
  return valueAt(found, rest)
}

/**
 * Reads the parameters of a request, as text, and says of the first that is wrong what Stripe would say.
 * @throws {StripeFault}
 */
export const readParameters = <Schema extends z.ZodType>(schema: Schema, form: Form): z.output<Schema> => {
  const read = schema.safeParse(form)
  if (read.success) return read.data
  const [issue] = read.error.issues
  if (issue?.code === 'unrecognized_keys') {
    const param = path([...issue.path, issue.keys[0] ?? ''])
    throw invalidRequest(`Received unknown parameter: ${param}`, { code: 'parameter_unknown', param })
  }
  const param = path(issue?.path ?? [])
  if (valueAt(form, issue?.path ?? []) === undefined) {
    throw invalidRequest(`Missing required param: ${param}.`, { code: 'parameter_missing', param })
  }
  throw invalidRequest(`Invalid ${param}: ${issue?.message ?? 'not understood'}`, { param })
}

export const text = z.string().min(1).max(5000)

/** Text that is taken away by sending nothing. */
export const clearable = z
  .string()
  .max(5000)
  .transform((value) => (value === '' ? null : value))

export const flag = z.enum(['true', 'false']).transform((value) => value === 'true')

export const whole = z
  .string()
  .regex(/^-?\d{1,15}$/, 'must be an integer')
  .transform(Number)

export const count = whole.pipe(z.int().positive())

export const moment = whole.pipe(z.int().nonnegative())

export const currencyCode = z
  .string()
  .regex(/^[A-Za-z]{3}$/, 'must be an ISO 4217 code')
  .transform((value) => value.toLowerCase())

/** An empty text takes all of it away, an empty value one of it. */
export const metadataParameter = z.union([
  z.literal(''),
  z.record(z.string().max(40, 'has a key of more than 40 characters'), z.string().max(500)),
])

/** Metadata after a change of it. */
export const mergeMetadata = (
  before: Readonly<Record<string, string>>,
  change: z.output<typeof metadataParameter> | undefined,
): Record<string, string> => {
  if (change === '') return {}
  return Object.fromEntries(Object.entries({ ...before, ...change }).filter(([, value]) => value !== ''))
}

const range = z.strictObject({
  gt: moment.optional(),
  gte: moment.optional(),
  lt: moment.optional(),
  lte: moment.optional(),
})
export const createdParameter = z.union([moment, range])

export const isCreatedIn = (created: number, wanted: z.output<typeof createdParameter> | undefined): boolean => {
  if (wanted === undefined) return true
  if (typeof wanted === 'number') return created === wanted
  const { gt = -1, gte = 0, lt = Number.POSITIVE_INFINITY, lte = Number.POSITIVE_INFINITY } = wanted
  return created > gt && created >= gte && created < lt && created <= lte
}
