import type { Socket } from 'node:net'
import type { ReadingTurns } from './turns.ts'

/** Most heads fit in two, and the worst that fits, requests in a row, costs a millisecond or two. */
const firstBytes = 512
const fewestBytes = 128
const maxBytes = 65_536
/** A connection gets more at once as long as it stays below this, and less above. */
const pieceMilliseconds = 0.5

/**
 * Gives what a connection sends to its listeners for `data` in pieces that cost little, in turn with other peers. By itself Node reads up to
 * 2 MiB of each connection at once, which takes half a second where they are tiny chunks, and longer where they are requests.
 */
export const readInTurns = (socket: Socket, { turns, peer }: ReadingTurns): void => {
  let size = firstBytes
  let waits = false
  let isPaused = false

  const reading = {
    peer,
    work: (): void => {
      waits = false
      if (isPaused || socket.destroyed) return
      // Without a number it also notices the end.
      socket.read(socket.readableLength > size ? size : undefined)
      if (socket.readableLength > 0) readLater()
    },
    took: (milliseconds: number): void => {
      size = milliseconds > pieceMilliseconds ? Math.max(fewestBytes, size / 2) : Math.min(maxBytes, size * 2)
    },
  }
  const readLater = (): void => {
    if (waits) return
    waits = true
    turns.wait(reading)
  }
  // With this listener nothing flows by itself, and Node's parser no longer reads from the connection past it.
  socket.on('readable', () => {
    if (waits) return
    waits = true
    turns.take(reading)
  })
  // A connection that is read by hand keeps no note of these. Node's server calls them where answers or a body pile up, and throws if it is
  // given more all the same; `pipe` calls them where its destination is slow.
  const pause = socket.pause.bind(socket)
  const resume = socket.resume.bind(socket)
  socket.pause = () => {
    isPaused = true
    return pause()
  }
  socket.resume = () => {
    isPaused = false
    if (socket.readableLength > 0) readLater()
    return resume()
  }
}
