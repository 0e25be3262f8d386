import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { bodyTimeoutCode, bodyTooLargeCode } from './attempt-failure.ts'

export interface BodyBounds {
  /** How long a visitor may send nothing while the site waits for it; then the body fails. */
  readonly idleMilliseconds: number
  /** How much may come in all; with more the body fails. */
  readonly atMostBytes: number
  /** Is told how many bytes have come. */
  readonly carry: (bytes: number) => void
}

/** Pieces below this size wait for others of the same turn. */
const joinedBytes = 16_384

/**
 * The body of a visitor's request for one attempt. An attempt that never got a connection takes nothing of it and leaves it for
 * the next. Afterwards the rest is read and dropped, so that a visitor who is still sending can read an early answer.
 */
export const requestBody = (
  request: IncomingMessage,
  { idleMilliseconds, atMostBytes, carry }: BodyBounds,
): { readonly body: Readable; readonly isTouched: () => boolean } => {
  let touched = false
  let taken = 0
  let patience: NodeJS.Timeout | undefined
  const expectMore = (): void => {
    clearTimeout(patience)
    patience = setTimeout(() => body.destroy(bodyTimeout()), idleMilliseconds)
  }
  const { socket } = request
  const alreadyRead = socket.bytesRead - socket.readableLength - request.readableLength
  let counted = 0
  /** What frames chunks counts too, as far as it can be told from what the connection read. */
  const count = (): void => {
    const bytes = Math.max(taken, socket.bytesRead - alreadyRead)
    carry(bytes - counted)
    counted = bytes
  }
  let small: Buffer[] = []
  let smallBytes = 0
  let passing: NodeJS.Immediate | undefined
  const passOn = (): void => {
    clearImmediate(passing)
    passing = undefined
    count()
    if (small.length === 0) return
    const joined = small.length === 1 ? small[0] : Buffer.concat(small)
    small = []
    smallBytes = 0
    if (body.push(joined)) expectMore()
    else {
      // From here on it is the site that lets others wait.
      clearTimeout(patience)
      request.pause()
    }
  }
  const take = (chunk: Buffer): void => {
    taken += chunk.length
    count()
  }
  const onData = (chunk: Buffer): void => {
    taken += chunk.length
    if (taken > atMostBytes) {
      body.destroy(bodyTooLarge())
      return
    }
    small.push(chunk)
    smallBytes += chunk.length
    if (smallBytes >= joinedBytes) passOn()
    // A visitor may send thousands of chunks in one packet, and each would be a packet for the site.
    else passing ??= setImmediate(passOn)
  }
  const onEnd = (): void => {
    passOn()
    clearTimeout(patience)
    body.push(null)
  }
  const onClose = (): void => {
    if (!request.complete) body.destroy(new Error('the visitor went away'))
  }
  const body = new Readable({
    read: () => {
      if (!touched) {
        touched = true
        request.on('data', onData).on('end', onEnd).on('close', onClose)
      }
      expectMore()
      request.resume()
    },
    destroy: (error, done) => {
      clearTimeout(patience)
      clearImmediate(passing)
      if (touched) count()
      request.off('data', onData).off('end', onEnd).off('close', onClose)
      // The dropped rest counts as well.
      if (touched) request.on('data', take).resume()
      done(error)
    },
  })
  // The reader has listeners of its own; this one is for the time after.
  body.on('error', () => {})
  return { body, isTouched: () => touched }
}

const bodyTooLarge = (): Error => Object.assign(new Error('the body is too large'), { code: bodyTooLargeCode })

const bodyTimeout = (): Error => Object.assign(new Error('the visitor sent nothing more'), { code: bodyTimeoutCode })
