import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import * as z from 'zod'
import { shortSocketPath } from '../home/socket-path.ts'
import { restartLimits } from '../restart-limits.ts'
import { createPeer, type Handlers, type Peer, PeerAway } from './peer.ts'
import { helloSchema, routesSocket, type SentTerms } from './protocol.ts'

type Call = <Result>(name: string, argument: unknown, schema: z.ZodType<Result>) => Promise<Result>

const maxHeld = 2000
const firstRetryMilliseconds = 20
const longestRetryMilliseconds = 200

interface HostLinkOptions {
  readonly directory: string
  readonly handlers: Handlers
  readonly onTerms: (terms: SentTerms) => void
}

/**
 * Keeps a connection to the host of a home, which may be away for a while, over a Unix socket in its `run` directory.
 * @param options.handlers what the host may call.
 * @param options.onTerms gets the host's terms at each connection.
 */
export const openHostLink = ({ directory, handlers, onTerms }: HostLinkOptions) => {
  const { path, close } = shortSocketPath(directory, routesSocket)
  const stopping = new AbortController()
  const waiting = new Set<() => void>()
  let mayWait = true
  let host: Peer | undefined
  let isServing = false

  const noteChange = (): void => {
    for (const check of waiting) check()
  }

  /** Resolves when the connection has ended. */
  const connectOnce = async (): Promise<void> => {
    const socket = connect(path)
    const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()))
    let told: boolean | undefined
    const peer = createPeer(socket, {
      ...handlers,
      serving: (argument) => {
        told = z.boolean().parse(argument)
        isServing = told
        noteChange()
      },
    })
    stopping.signal.addEventListener('abort', peer.end, { once: true })
    try {
      const hello = await peer.call('hello', undefined, helloSchema)
      onTerms(hello.terms)
      // It may have come with the answer, and is newer.
      isServing = told ?? hello.isServing
      host = peer
      noteChange()
    } catch {
      peer.end()
    }
    await ended
    stopping.signal.removeEventListener('abort', peer.end)
    host = undefined
    isServing = false
  }

  const keepConnected = async (): Promise<void> => {
    let retryMilliseconds = firstRetryMilliseconds
    while (!stopping.signal.aborted) {
      const startedAt = performance.now()
      await connectOnce()
      const lasted = performance.now() - startedAt > 1000
      retryMilliseconds = lasted ? firstRetryMilliseconds : Math.min(2 * retryMilliseconds, longestRetryMilliseconds)
      await pause(retryMilliseconds, undefined, { signal: stopping.signal }).catch(() => undefined)
    }
    close()
  }
  void keepConnected()

  const until = (isSo: () => boolean): Promise<boolean> => {
    if (isSo()) return Promise.resolve(true)
    if (waiting.size >= maxHeld || !mayWait) return Promise.resolve(false)
    return new Promise((resolve) => {
      const check = (): void => {
        if (isSo() || !mayWait) settle()
      }
      const settle = (): void => {
        clearTimeout(patience)
        waiting.delete(check)
        resolve(isSo())
      }
      const patience = setTimeout(settle, restartLimits.routersHold)
      waiting.add(check)
    })
  }
  /** Waits until the host answers questions. @returns whether it does before the time is up. */
  const untilBack = (): Promise<boolean> => until(() => host !== undefined)

  /** @throws {PeerAway} at once if the host is away. */
  const call: Call = async (name, argument, schema) => {
    if (host === undefined) throw new PeerAway('the host is away')
    return host.call(name, argument, schema)
  }

  /** Like `call`, but waits for the host. @throws {PeerAway} if it stays away. */
  const callHeld: Call = async (name, argument, schema) => {
    await untilBack()
    return call(name, argument, schema)
  }

  /** Ends all waits, and lets nobody wait any more. */
  const endWaits = (): void => {
    mayWait = false
    noteChange()
  }

  /** Like `callHeld`, and asks once more if the host ends meanwhile: for calls that may be made twice. */
  const callRepeatable: Call = async (name, argument, schema) => {
    const asked = host
    try {
      return await callHeld(name, argument, schema)
    } catch (error) {
      if (!(error instanceof PeerAway) || asked === undefined) throw error
      // The link may not have noticed yet that the host has gone.
      await pause(firstRetryMilliseconds)
      if (host === asked) throw error
      return callHeld(name, argument, schema)
    }
  }

  return {
    call,
    callHeld,
    callRepeatable,
    untilBack,
    /** Waits until the host serves the console and the API. @returns whether it does before the time is up. */
    untilServing: (): Promise<boolean> => until(() => isServing),
    endWaits,
    /** Ends the connection and all waits. */
    end: (): void => {
      endWaits()
      stopping.abort()
    },
  }
}

export type HostLink = ReturnType<typeof openHostLink>
