import { describe, expect, it } from 'vitest'
import { errorKinds, SitewrightError } from '../../../core/errors.ts'
import { problemForms, problemResponse, problemType } from '../../../lambdas/_runtime/problem.ts'
import { problemSchema } from '../../../lambdas/_runtime/problem-schema.ts'

const bodyOf = (error: unknown, requestId?: string): unknown => JSON.parse(problemResponse(error, requestId).body ?? '')

describe('the table of problems', () => {
  it('has an entry for every kind of error, and no other', () => {
    expect(Object.keys(problemForms).toSorted()).toEqual([...errorKinds].toSorted())
  })

  it.each(errorKinds)('%s: a title, and a status that says whose fault it is', (kind) => {
    const { status, title } = problemForms[kind]
    expect(title).toMatch(/^[A-Z].*[^.]$/)
    expect(status).toBeGreaterThanOrEqual(400)
    expect(status).toBeLessThan(600)
  })

  it('has a unique type for every kind', () => {
    const types = errorKinds.map(problemType)
    expect(new Set(types).size).toBe(errorKinds.length)
    for (const type of types) expect(type).toMatch(/^urn:sitewright:problem:[a-z]+(-[a-z]+)*$/)
  })

  it('has Retry-After for every temporary problem', () => {
    for (const { status, headers } of Object.values(problemForms)) {
      expect(headers?.['retry-after'] !== undefined).toBe(status === 503)
    }
  })

  it('has WWW-Authenticate for every 401', () => {
    expect(problemForms.Unauthenticated).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer' } })
  })
})

describe('a problem', () => {
  it.each(errorKinds)('of the kind %s fits its schema', (kind) => {
    const error = new SitewrightError(kind, 'This is wrong. Do that.', {
      fields: [{ path: 'slug', message: 'is taken' }],
    })
    const response = problemResponse(error, 'req_1')
    expect(problemSchema.parse(bodyOf(error, 'req_1'))).toEqual({
      type: problemType(kind),
      title: problemForms[kind].title,
      status: problemForms[kind].status,
      detail: 'This is wrong. Do that.',
      errors: [{ path: 'slug', message: 'is taken' }],
      requestId: 'req_1',
    })
    expect(response.statusCode).toBe(problemForms[kind].status)
    expect(response.headers).toMatchObject({
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      ...problemForms[kind].headers,
    })
  })

  it('omits empty fields and request', () => {
    expect(Object.keys(bodyOf(new SitewrightError('NotFound', 'There is no such site.')) as object)).toEqual([
      'type',
      'title',
      'status',
      'detail',
    ])
  })

  it.each([
    new Error('password hunter2'),
    Object.assign(new Error('hunter2'), { statusCode: 418, kind: 'NotFound', fields: [] }),
    'hunter2',
    undefined,
  ])('for an unexpected error shows only the request id: %s', (error) => {
    expect(bodyOf(error, 'req_1')).toEqual({
      type: 'about:blank',
      title: 'Something went wrong',
      status: 500,
      requestId: 'req_1',
    })
  })

  it('does not show its cause', () => {
    const error = new SitewrightError('Unavailable', 'Come again.', { cause: new Error('hunter2') })
    expect(problemResponse(error, 'req_1').body).not.toContain('hunter2')
  })
})
