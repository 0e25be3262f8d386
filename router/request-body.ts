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

/**
 * The body of a visitor's request for one attempt. An attempt that never got a connection takes nothing of it and leaves it for
 * the next. Afterwards the rest is read and dropped, so that a visitor who is still sending can read an early answer.
 */
export const requestBody = (
  request: IncomingMessage,
  { idleMilliseconds, atMostBytes, carry }: BodyBounds,
): { readonly body: Readable; readonly isTouched: () => boolean } => {
  let touched = false
  let left = atMostBytes
  let patience: NodeJS.Timeout | undefined
  const expectMore = (): void => {
    clearTimeout(patience)
    patience = setTimeout(() => body.destroy(bodyTimeout()), idleMilliseconds)
  }
  const onData = (chunk: Buffer): void => {
    carry(chunk.length)
    left -= chunk.length
    if (left < 0) {
      body.destroy(bodyTooLarge())
      return
    }
    if (body.push(chunk)) expectMore()
    else {
      // From here on it is the site that lets others wait.
      clearTimeout(patience)
      request.pause()
    }
  }
  const onEnd = (): void => {
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
      request.off('data', onData).off('end', onEnd).off('close', onClose)
      if (touched) request.resume()
      done(error)
    },
  })
  // The reader has listeners of its own; this one is for the time after.
  body.on('error', () => {})
  return { body, isTouched: () => touched }
}

const bodyTooLarge = (): Error => Object.assign(new Error('the body is too large'), { code: bodyTooLargeCode })

const bodyTimeout = (): Error => Object.assign(new Error('the visitor sent nothing more'), { code: bodyTimeoutCode })
