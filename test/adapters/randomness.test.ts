import { describe, expect, it } from 'vitest'
import { createRandomness } from '../../adapters/randomness.ts'
import { isId } from '../../core/ids.ts'

describe('randomness', () => {
  const randomness = createRandomness()

  it('makes ids that are ids and sort in the order they were made', () => {
    const ids = Array.from({ length: 2000 }, () => randomness.id('site'))
    expect(ids.every((id) => isId('site', id))).toBe(true)
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.toSorted()).toEqual(ids)
  })

  it('makes tokens of 43 characters that differ', () => {
    expect(randomness.token()).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(randomness.token()).not.toBe(randomness.token())
  })

  it('makes every integer below the limit and none beyond', () => {
    const integers = new Set(Array.from({ length: 1000 }, () => randomness.integer(3)))
    expect([...integers].toSorted()).toEqual([0, 1, 2])
  })
})
