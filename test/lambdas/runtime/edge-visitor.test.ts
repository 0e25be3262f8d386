import { describe, expect, it } from 'vitest'
import { edgeVisitor } from '../../../lambdas/_runtime/edge-visitor.ts'

const secrets = ['the new one', 'the old one']

describe('the client behind CloudFront', () => {
  it.each([
    ['198.51.100.10:46532', '198.51.100.10'],
    ['2001:db8::1:443', '2001:db8::1'],
    ['2001:db8:0:1:1:1:1:1:46532', '2001:db8:0:1:1:1:1:1'],
    ['[2001:db8::1]:46532', '2001:db8::1'],
    ['198.51.100.10', undefined],
    ['somebody:80', undefined],
    [':443', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('is read from %s', (viewer, address) => {
    for (const shown of secrets) expect(edgeVisitor({ shown, viewer }, secrets)).toEqual({ address })
  })

  it.each([undefined, '', 'guessed', 'the new one ', 'the new one,the old one'])('is unknown with %j', (shown) => {
    expect(edgeVisitor({ shown, viewer: '198.51.100.10:46532' }, secrets)).toBeUndefined()
  })

  it('is unknown without a secret', () => {
    expect(edgeVisitor({ shown: '', viewer: '198.51.100.10:46532' }, [])).toBeUndefined()
  })
})
