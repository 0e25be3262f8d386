import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { useOwnReadBuffer } from '../../router/own-read-buffer.ts'
import { readInTurns } from '../../router/read-in-turns.ts'
import { createTurns } from '../../router/turns.ts'

const open = async () => {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const sender = connect(port, '127.0.0.1')
  const [receiver] = (await once(server, 'connection')) as [Socket]
  for (const socket of [sender, receiver]) onTestFinished(() => void socket.destroy())
  return { sender, receiver }
}

/** A version of Node that keeps this elsewhere. */
const hideBuffer = (socket: Socket): void => {
  Object.assign((socket as unknown as { readonly _handle: object })._handle, { useUserBuffer: undefined })
}

/** A connection that is read in turns, by a clock that only work advances. */
const setUp = async (way: Way) => {
  let time = 0
  const { sender, receiver } = await open()
  if (way === 'by its stream') hideBuffer(receiver)
  readInTurns(receiver, { turns: createTurns({ turnMilliseconds: 2, now: () => time }), peer: 'peer' })
  const spend = (milliseconds: number): void => {
    time += milliseconds
  }
  return { sender, receiver, spend }
}

const ways = ['with a buffer of ours', 'by its stream'] as const
type Way = (typeof ways)[number]

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

describe.each(ways)('a connection that is read in turns %s', (way) => {
  it('gives small pieces where they cause much work, though later', async () => {
    const { sender, receiver, spend } = await setUp(way)
    sender.end(Buffer.alloc(20_000))
    const sizes = await sizesOf(receiver, () => spend(1))
    expect(sum(sizes)).toBe(20_000)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1024)
  })

  it('gives large pieces where they cost little', async () => {
    const { sender, receiver } = await setUp(way)
    sender.end(Buffer.alloc(1_000_000))
    const sizes = await sizesOf(receiver)
    expect(sum(sizes)).toBe(1_000_000)
    expect(Math.max(...sizes)).toBeGreaterThan(16_384)
  })

  it('gives nothing while it is paused, and then all of it and its end', async () => {
    const { sender, receiver } = await setUp(way)
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

  it('gives everything in its order, at once or later', async () => {
    const { sender, receiver, spend } = await setUp(way)
    const sent = randomBytes(300_000)
    const pieces: Buffer[] = []
    receiver.on('data', (piece: Buffer) => {
      pieces.push(piece)
      // Some pieces end a turn, and the line empties between them.
      if (pieces.length % 3 === 0) spend(3)
    })
    sender.end(sent)
    await once(receiver, 'end')
    expect(Buffer.concat(pieces).equals(sent)).toBe(true)
  })

  it('leaves the rest with the sender while it is paused', async () => {
    const { sender, receiver } = await setUp(way)
    receiver.pause()
    sender.write(Buffer.alloc(10_000_000))
    for (let count = 0; count < 100; count += 1) await turn()
    expect(receiver.bytesRead).toBeLessThanOrEqual(receiver.readableHighWaterMark + 65_536)
    expect(receiver.readableLength).toBe(receiver.bytesRead)
  })
})

describe('a read buffer of our own', () => {
  it('is known to this version of Node', async () => {
    const { receiver } = await open()
    expect(
      useOwnReadBuffer(
        receiver,
        () => Buffer.alloc(10),
        () => true,
      ),
    ).toBe(true)
  })

  it.each([
    ['whose handle has none', hideBuffer],
    ['that is closed', (socket: Socket) => void socket.destroy()],
    [
      'that has one',
      (socket: Socket) =>
        void useOwnReadBuffer(
          socket,
          () => Buffer.alloc(10),
          () => true,
        ),
    ],
  ])('is refused to a connection %s', async (_name, change) => {
    const { receiver } = await open()
    change(receiver)
    expect(
      useOwnReadBuffer(
        receiver,
        () => Buffer.alloc(10),
        () => true,
      ),
    ).toBe(false)
  })
})
