import type { FieldProblem } from './problem.ts'
import { Problem } from './problem.ts'

const maximumTextLength = 4000

const badRequest = (path: string, message: string): Problem => {
  const problem: FieldProblem = { path, message }
  return new Problem(400, `${path || 'The body'} ${message}.`, { errors: [problem] })
}

/** The text of a new entry. @throws {Problem} 400 */
export const entryTextIn = (body: unknown): string => {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw badRequest('', 'must be an object such as {"text": "Hello"}')
  }
  const unknownField = Object.keys(body).find((name) => name !== 'text')
  if (unknownField !== undefined) throw badRequest(unknownField.slice(0, 60), 'is not known; only text is')
  const text = 'text' in body ? body.text : undefined
  if (typeof text !== 'string') throw badRequest('text', 'must be a string')
  if (text.trim() === '') throw badRequest('text', 'must not be empty')
  if (text.length > maximumTextLength) throw badRequest('text', `may have at most ${maximumTextLength} characters`)
  if (text.includes('\0') || !text.isWellFormed()) throw badRequest('text', 'holds characters that cannot be stored')
  return text
}

const wholeNumberIn = (query: URLSearchParams, name: string, maximum: number): number | undefined => {
  const value = query.get(name)
  if (value === null) return undefined
  const number = /^\d{1,16}$/.test(value) ? Number(value) : 0
  if (number < 1 || number > maximum) throw badRequest(name, `must be a whole number from 1 to ${maximum}`)
  return number
}

/** Which entries are asked for. @throws {Problem} 400 */
export const entryPageIn = (query: URLSearchParams): { limit: number; before?: number } => {
  const before = wholeNumberIn(query, 'cursor', Number.MAX_SAFE_INTEGER)
  return { limit: wholeNumberIn(query, 'limit', 200) ?? 50, ...(before === undefined ? {} : { before }) }
}
