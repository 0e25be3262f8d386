import type { Socket } from 'node:net'

const connectMilliseconds = 5000

/** Ends a new connection that a site does not take in time. @param refuse ends it with an error. */
export const limitConnecting = (socket: Socket, refuse: (error: Error) => void): void => {
  const late = Object.assign(new Error('the site takes no connection'), { code: 'ETIMEDOUT' })
  const timer = setTimeout(() => refuse(late), connectMilliseconds)
  const clear = (): void => clearTimeout(timer)
  socket.once('connect', clear).once('close', clear)
}

/** How long to wait for more of an answer on a connection that takes no more of the request. */
const restMilliseconds = 50

const isOfWrite = (error: Error | undefined): error is Error =>
  error !== undefined && 'syscall' in error && error.syscall === 'write'

/**
 * Reads on where a write fails, until nothing more comes: the answer may have come before, and Node would lose it.
 * @param options.isAwaited whether there can be an answer. @param options.isPaused whether its reader has asked for a pause.
 * @see https://github.com/nodejs/node/issues/54366
 */
export const readAfterFailedWrite = (
  socket: Socket,
  { isAwaited, isPaused }: { readonly isAwaited: () => boolean; readonly isPaused: () => boolean },
): void => {
  const { destroy } = socket
  const readOn = (error: Error): void => {
    const { bytesRead } = socket
    const check = (): void => {
      if (bytesRead < socket.bytesRead || isPaused()) readOn(error)
      else destroy.call(socket, error)
    }
    // A busy process runs late timers before it reads.
    setTimeout(() => setImmediate(check), restMilliseconds)
  }
  socket.destroy = (error) => {
    if (!isOfWrite(error) || !isAwaited()) return destroy.call(socket, error)
    readOn(error)
    return socket
  }
}
