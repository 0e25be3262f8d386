import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readInTurns } from '../../router/read-in-turns.ts'
import { createTurns } from '../../router/turns.ts'

/** A connection that is read in turns, by a clock that only work advances. */
const setUp = async () => {
  let time = 0
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const sender = connect(port, '127.0.0.1')
  const [receiver] = (await once(server, 'connection')) as [Socket]
  for (const socket of [sender, receiver]) onTestFinished(() => void socket.destroy())
  readInTurns(receiver, { turns: createTurns({ turnMilliseconds: 2, now: () => time }), peer: 'peer' })
  const spend = (milliseconds: number): void => {
    time += milliseconds
  }
  return { sender, receiver, spend }
}

/** Reads to the end. @param afterwards runs after each piece. @returns the sizes of the pieces. */
const sizesOf = async (receiver: Socket, afterwards: () => void = () => undefined): Promise<readonly number[]> => {
  const sizes: number[] = []
  receiver.on('data', ({ length }: Buffer) => {
    sizes.push(length)
    queueMicrotask(afterwards)
  })
  await once(receiver, 'end')
  return sizes
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

describe('a connection that is read in turns', () => {
  it('gives small pieces where they cause much work, though later', async () => {
    const { sender, receiver, spend } = await setUp()
    sender.end(Buffer.alloc(20_000))
    const sizes = await sizesOf(receiver, () => spend(1))
    expect(sum(sizes)).toBe(20_000)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1024)
  })

  it('gives large pieces where they cost little', async () => {
    const { sender, receiver } = await setUp()
    sender.end(Buffer.alloc(1_000_000))
    const sizes = await sizesOf(receiver)
    expect(sum(sizes)).toBe(1_000_000)
    expect(Math.max(...sizes)).toBeGreaterThan(16_384)
  })

  it('gives nothing while it is paused, and then all of it and its end', async () => {
    const { sender, receiver } = await setUp()
    let isPaused = true
    receiver.pause()
    const reading = sizesOf(receiver, () => expect(isPaused).toBe(false))
    sender.end(Buffer.alloc(20_000))
    await once(sender, 'finish')
    for (let count = 0; count < 20; count += 1) await turn()
    isPaused = false
    receiver.resume()
    expect(sum(await reading)).toBe(20_000)
  })
})
