import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createTurns } from '../../router/turns.ts'

const turnMilliseconds = 4

/** Turns by a clock that only work advances. */
const setUp = () => {
  let time = 0
  const turns = createTurns({ turnMilliseconds, now: () => time })
  const spend = (milliseconds: number): void => {
    time += milliseconds
  }
  return { turns, spend }
}

describe('turns', () => {
  it('are over when they have lasted for their time, and begin again', async () => {
    const { turns, spend } = setUp()
    expect(turns.isOver()).toBe(false)
    spend(turnMilliseconds)
    expect(turns.isOver()).toBe(true)
    await turn()
    await turn()
    expect(turns.isOver()).toBe(false)
  })

  it('serve no more of the line than their time allows, however long it is', async () => {
    const { turns, spend } = setUp()
    let served = 0
    for (let count = 0; count < 40; count += 1) {
      turns.wait({
        peer: 'greedy',
        work: () => {
          served += 1
          spend(turnMilliseconds / 2)
        },
      })
    }
    let before = 0
    while (served < 40) {
      await turn()
      expect(served - before).toBeLessThanOrEqual(2)
      before = served
    }
    expect(turns.usedBy('greedy')).toBe(80)
  })

  it('serve what waits in the same pass of the loop', async () => {
    const { turns, spend } = setUp()
    const served: string[] = []
    const take = (peer: string): void =>
      turns.take({
        peer,
        work: () => {
          served.push(peer)
          spend(turnMilliseconds)
        },
      })
    take('first')
    take('second')
    expect(served).toEqual(['first'])
    await turn()
    expect(served).toEqual(['first', 'second'])
  })

  it('serve nothing past the line', async () => {
    const { turns, spend } = setUp()
    const served: string[] = []
    const work = (peer: string, milliseconds: number) => ({
      peer,
      work: () => {
        served.push(peer)
        spend(milliseconds)
      },
    })
    turns.run(work('greedy', 1))
    turns.wait(work('greedy', turnMilliseconds))
    turns.wait(work('greedy', turnMilliseconds))
    turns.take(work('modest', 0))
    expect(served).toEqual(['greedy'])
    await turn()
    expect(served).toEqual(['greedy', 'modest', 'greedy'])
  })

  it('serve the line, however long what arrives takes', async () => {
    const { turns, spend } = setUp()
    let isServed = false
    turns.wait({
      peer: 'modest',
      work: () => {
        isServed = true
      },
    })
    let passes = 0
    for (; !isServed; passes += 1) {
      turns.isOver()
      spend(10 * turnMilliseconds)
      await turn()
    }
    expect(passes).toBeLessThan(5)
  })

  it('serve the peer first that used least, though it came last', async () => {
    const { turns, spend } = setUp()
    const order: string[] = []
    const wait = (peer: string, milliseconds: number): void => {
      turns.wait({
        peer,
        work: () => {
          order.push(peer)
          spend(milliseconds)
        },
      })
    }
    turns.run({ peer: 'greedy', work: () => spend(100) })
    for (let count = 0; count < 10; count += 1) wait('greedy', turnMilliseconds)
    wait('modest', 0.1)
    while (order.length < 11) await turn()
    expect(order[0]).toBe('modest')
  })

  it('charge the work that a step causes before the next begins', async () => {
    const { turns, spend } = setUp()
    let isDone = false
    const took: number[] = []
    turns.wait({
      peer: 'greedy',
      work: () => {
        Promise.resolve().then(() => {
          spend(3)
          isDone = true
        })
      },
      took: (milliseconds) => took.push(milliseconds),
    })
    while (!isDone) await turn()
    await turn()
    expect(turns.usedBy('greedy')).toBe(3)
    expect(took).toEqual([3])
  })

  it('forget what was used long ago', () => {
    const { turns, spend } = setUp()
    const run = (peer: string, milliseconds: number): void => turns.run({ peer, work: () => spend(milliseconds) })
    run('greedy', 50)
    run('modest', 1)
    expect(turns.usedBy('greedy')).toBe(50)
    spend(20_000)
    run('modest', 1)
    run('modest', 1)
    expect(turns.usedBy('greedy')).toBe(0)
  })
})
