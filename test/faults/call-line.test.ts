import { describe, expect, it } from 'vitest'
import { createCallLine } from '../support/faults/call-line.ts'
import { type FaultKind, planFault } from '../support/faults/fault-point.ts'

async function* letters() {
  yield* ['a', 'b', 'c']
}

/** Ports of which nothing here knows the names, and the one fault of the second call of `add`. */
const stage = (kind?: FaultKind) => {
  const plan = planFault(kind && { call: 'teller invented.add#2', kind })
  plan.arm()
  const line = createCallLine(plan.take)
  const added: number[] = []
  const add = async (value: number) => added.push(value)
  const patiently = <Result>(work: () => Promise<Result>) => work()
  const invented = { add, letters, patiently, stop: async (requireWanted: () => Promise<unknown>) => requireWanted() }
  const watched = line.watch({ invented, clocks: { wall: () => 'now' }, brand: 'Brand' }, 'teller')
  return { plan, line, added, watched }
}

const both = async ({ watched }: ReturnType<typeof stage>) => {
  await watched.invented.add(1)
  return watched.invented.add(2)
}

const isSettled = (work: Promise<unknown>): Promise<boolean> =>
  Promise.race([
    work.then(
      () => true,
      () => true,
    ),
    new Promise<boolean>((resolve) => setImmediate(() => setImmediate(() => resolve(false)))),
  ])

describe('the line of a process', () => {
  it('names the calls of any port by itself, and leaves values and clocks alone', async () => {
    const { plan, watched } = stage()
    await watched.invented.add(1)
    for await (const _ of watched.invented.letters()) break
    await watched.invented.add(2)
    expect(plan.calls()).toEqual(['teller invented.add#1', 'teller invented.letters#1', 'teller invented.add#2'])
    expect([watched.clocks.wall(), watched.brand]).toEqual(['now', 'Brand'])
  })

  it('settles where the process goes in a call that another method makes', async () => {
    const { line, watched } = stage('gone-after')
    await watched.invented.add(1)
    void watched.invented.patiently(() => watched.invented.add(2))
    await line.gone
    expect(await isSettled(line.settled())).toBe(true)
  })

  it('settles where the process goes in a callback of a call', async () => {
    const { line, watched } = stage('gone-before')
    await watched.invented.add(1)
    void watched.invented.stop(() => watched.invented.add(2))
    await line.gone
    await expect.poll(() => isSettled(line.settled())).toBe(true)
  })

  it.each([
    ['fails-before', [1]],
    ['fails-after', [1, 2]],
    ['reply-lost', [1, 2]],
  ] as const)('%s: the caller sees an error, and what was done is right', async (kind, done) => {
    const staged = stage(kind)
    await expect(both(staged)).rejects.toThrow('teller invented.add')
    expect(staged.added).toEqual(done)
    await staged.watched.invented.add(3)
    expect(staged.added).toEqual([...done, 3])
  })

  it.each([
    ['gone-before', [1]],
    ['gone-after', [1, 2]],
  ] as const)('%s: the caller never continues, and nothing more gets through', async (kind, done) => {
    const staged = stage(kind)
    const calls = both(staged)
    await staged.line.gone
    expect(await isSettled(calls)).toBe(false)
    expect(await isSettled(staged.watched.invented.add(3))).toBe(false)
    expect(staged.added).toEqual(done)
    staged.line.end()
    await expect(calls).rejects.toThrow('the process is gone')
  })

  it('a list whose reply is lost breaks off in the middle', async () => {
    const plan = planFault({ call: 'teller invented.letters#1', kind: 'reply-lost' })
    plan.arm()
    const watched = createCallLine(plan.take).watch({ invented: { letters } }, 'teller')
    const read: string[] = []
    const reading = async () => {
      for await (const letter of watched.invented.letters()) read.push(letter)
    }
    await expect(reading()).rejects.toThrow('timed out')
    expect(read).toEqual(['a'])
  })
})
