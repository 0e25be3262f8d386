import type { Socket } from 'node:net'
import * as z from 'zod'

/** The other side of a connection has gone, or did not answer in time. */
export class PeerAway extends Error {
  override readonly name = 'PeerAway'
}

const messageSchema = z.union([
  z.strictObject({ id: z.int(), call: z.string(), argument: z.unknown().optional() }),
  z.strictObject({ id: z.int(), result: z.unknown().optional() }),
  z.strictObject({ id: z.int(), error: z.string() }),
])

/** What the other side may call, by name. A handler checks its argument. */
export type Handlers = Readonly<Record<string, (argument: unknown) => unknown>>

export interface Peer {
  /**
   * Calls a handler of the other side.
   * @throws {PeerAway} if the connection ends first, or after `patienceMilliseconds`.
   * @throws {Error} with the message of the handler's error.
   */
  readonly call: <Result>(
    name: string,
    argument: unknown,
    schema: z.ZodType<Result>,
    patienceMilliseconds?: number,
  ) => Promise<Result>
  readonly end: () => void
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Calls both ways over one connection: a line of JSON for each call and each answer, in the order in which they were made. */
export const createPeer = (socket: Socket, handlers: Handlers): Peer => {
  const waiting = new Map<number, PromiseWithResolvers<unknown>>()
  let calls = 0

  const send = (message: z.input<typeof messageSchema>): void => {
    if (!socket.destroyed) socket.write(`${JSON.stringify(message)}\n`)
  }

  const answer = async (id: number, name: string, argument: unknown): Promise<void> => {
    try {
      const handler = handlers[name]
      if (handler === undefined) throw new Error(`no handler is called ${name}`)
      send({ id, result: await handler(argument) })
    } catch (error) {
      send({ id, error: messageOf(error) })
    }
  }

  const take = (line: string): void => {
    const message = messageSchema.parse(JSON.parse(line))
    if ('call' in message) return void answer(message.id, message.call, message.argument)
    const asked = waiting.get(message.id)
    waiting.delete(message.id)
    if ('error' in message) asked?.reject(new Error(message.error))
    else asked?.resolve(message.result)
  }

  let rest = ''
  socket.setEncoding('utf8')
  socket.on('data', (chunk: string) => {
    const lines = `${rest}${chunk}`.split('\n')
    rest = lines.pop() ?? ''
    try {
      for (const line of lines) take(line)
    } catch {
      // Another version, or no peer of ours.
      socket.destroy()
    }
  })
  socket.on('error', () => {})
  socket.on('close', () => {
    for (const { reject } of waiting.values()) reject(new PeerAway('the connection has ended'))
    waiting.clear()
  })

  return {
    call: async (name, argument, schema, patienceMilliseconds = 30_000) => {
      if (socket.destroyed) throw new PeerAway('the connection has ended')
      calls += 1
      const id = calls
      const answer = Promise.withResolvers<unknown>()
      waiting.set(id, answer)
      const patience = setTimeout(() => {
        waiting.delete(id)
        answer.reject(new PeerAway(`${name} was not answered in time`))
      }, patienceMilliseconds)
      send({ id, call: name, argument })
      return schema.parse(await answer.promise.finally(() => clearTimeout(patience)))
    },
    end: () => void socket.destroy(),
  }
}
