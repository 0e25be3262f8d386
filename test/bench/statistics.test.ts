import { describe, expect, it } from 'vitest'
import { distanceInSpreads, interquartileRange, median, percentile, ratioOfMedians } from './statistics.ts'

const hundred = Array.from({ length: 100 }, (_, index) => 100 - index)

describe('a percentile', () => {
  it('is a value that was measured, by nearest rank', () => {
    expect(percentile(hundred, 0.99)).toBe(99)
    expect(percentile(hundred, 0.5)).toBe(50)
    expect(percentile(hundred, 1)).toBe(100)
    expect(percentile([10, 1000], 0.99)).toBe(1000)
    expect(percentile([7], 0.01)).toBe(7)
  })

  it('sorts by number, and leaves what it was given as it was', () => {
    const values = [100, 9, 20]
    expect(percentile(values, 0.5)).toBe(20)
    expect(values).toEqual([100, 9, 20])
  })

  it.each([0, -0.1, 1.1, Number.NaN])('of the share %s is refused', (share) => {
    expect(() => percentile([1], share)).toThrow(RangeError)
  })

  it('of nothing is refused', () => {
    expect(() => percentile([], 0.5)).toThrow(RangeError)
  })
})

describe('a median', () => {
  it('is the middle value, or the mean of the two in the middle', () => {
    expect(median([3, 1, 100])).toBe(3)
    expect(median([4, 1, 2, 100])).toBe(3)
    expect(median([5])).toBe(5)
  })

  it('of nothing is refused', () => {
    expect(() => median([])).toThrow(RangeError)
  })
})

describe('a ratio of medians', () => {
  it('says how many times the second the first is', () => {
    expect(ratioOfMedians([10, 30, 20], [4, 5, 6])).toBe(4)
  })
})

describe('the distance of two samples', () => {
  it('is absent where their medians are equal, however wide they are', () => {
    expect(distanceInSpreads([1, 5, 9], [4, 5, 6])).toBe(0)
    expect(distanceInSpreads([5, 5], [5, 5])).toBe(0)
  })

  it('is the same in both directions, and counted in widths of the middle half of both', () => {
    const [low, high] = [
      [0, 1, 2, 3],
      [10, 11, 12, 13],
    ]
    expect(interquartileRange([...low!, ...high!])).toBe(10)
    expect(distanceInSpreads(low!, high!)).toBe(1)
    expect(distanceInSpreads(high!, low!)).toBe(1)
  })

  it('does not grow with a few values that are far off', () => {
    const quiet = Array.from({ length: 50 }, (_, index) => index % 10)
    expect(distanceInSpreads([...quiet, 10_000], quiet)).toBeLessThan(0.2)
  })
})
