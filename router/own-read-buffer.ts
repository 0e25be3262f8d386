import type { Socket } from 'node:net'
import { Readable } from 'node:stream'

/** Where a connection of Node keeps the parts of `onread`: the buffer, what gives the next one, and what takes its bytes. */
const slotNames = ['kBuffer', 'kBufferGen', 'kBufferCb']

/**
 * Makes a connection read into buffers of ours, as the option `onread` of `net.connect` does. Node has no such option for connections that a
 * server accepts, so this is the one place that uses what Node does not document.
 * @param nextBuffer gives the buffer for the next read. @param take gets how many bytes are in it, and returns whether to read on.
 * @returns false where this version of Node keeps it elsewhere. Then the connection is as it was.
 */
export const useOwnReadBuffer = (
  socket: Socket,
  nextBuffer: () => Buffer,
  take: (count: number) => boolean,
): boolean => {
  const symbols = Object.getOwnPropertySymbols(socket)
  const slots = slotNames.flatMap((name) => symbols.find(({ description }) => description === name) ?? [])
  const handle: unknown = Reflect.get(socket, '_handle')
  if (slots.length !== slotNames.length || slots.some((slot) => Reflect.get(socket, slot) !== null)) return false
  if (typeof handle !== 'object' || handle === null) return false
  const useUserBuffer: unknown = Reflect.get(handle, 'useUserBuffer')
  if (typeof useUserBuffer !== 'function') return false
  const buffer = nextBuffer()
  for (const [index, part] of [buffer, nextBuffer, take].entries()) Reflect.set(socket, slots[index] ?? '', part)
  Reflect.apply(useUserBuffer, handle, [buffer])
  // With `onread`, those of a socket start and stop it themselves. What `take` pushes needs those of other streams.
  const { pause, resume, read } = Readable.prototype
  Object.assign(socket, { pause, resume, read })
  return true
}
