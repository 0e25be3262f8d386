import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'

/**
 * The body of a visitor's request for one attempt to pass it on. It takes nothing before it is read, so an attempt that
 * never got a connection leaves the body for the next. However it ends, the visitor's connection stays in order: the rest is
 * read and dropped, so that a visitor who is still sending can read an early answer.
 */
export const requestBody = (
  request: IncomingMessage,
): { readonly body: Readable; readonly isTouched: () => boolean } => {
  let touched = false
  const onData = (chunk: Buffer): void => {
    if (!body.push(chunk)) request.pause()
  }
  const onEnd = (): void => {
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
      request.resume()
    },
    destroy: (error, done) => {
      request.off('data', onData).off('end', onEnd).off('close', onClose)
      if (touched) request.resume()
      done(error)
    },
  })
  // Whoever reads it has listeners of its own; this one is for the time after.
  body.on('error', () => {})
  return { body, isTouched: () => touched }
}
