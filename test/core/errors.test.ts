import { describe, expect, it } from 'vitest'
import { errorKinds, isErrorOfKind, SitewrightError } from '../../core/errors.ts'

describe('an error', () => {
  it.each(errorKinds)('of the kind %s has the kind as its name, which state machines match', (kind) => {
    const error = new SitewrightError(kind, 'It did not work.')
    expect(error.name).toBe(kind)
    expect(isErrorOfKind(error, kind)).toBe(true)
  })

  it('is of one of several kinds, or of none of them', () => {
    const error = new SitewrightError('NotFound', 'There is no such site.')
    expect(isErrorOfKind(error, 'Forbidden', 'NotFound')).toBe(true)
    expect(isErrorOfKind(error, 'Forbidden', 'HostnameTaken')).toBe(false)
    expect(isErrorOfKind(error)).toBe(false)
  })

  it('that only has the name of a kind is none of ours', () => {
    expect(isErrorOfKind(Object.assign(new Error('no'), { name: 'NotFound', kind: 'NotFound' }), 'NotFound')).toBe(
      false,
    )
  })

  it('keeps its cause and its fields', () => {
    const cause = new Error('below')
    const fields = [{ path: 'slug', message: 'is taken' }]
    expect(new SitewrightError('HostnameTaken', 'Taken.', { cause, fields })).toMatchObject({ cause, fields })
    expect(new SitewrightError('HostnameTaken', 'Taken.').fields).toEqual([])
  })
})
