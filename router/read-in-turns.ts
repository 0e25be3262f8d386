import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { ReadingTurns, Turns } from './turns.ts'

/** Most heads fit in two, and the worst that fits, requests in a row, costs a millisecond or two. */
const firstBytes = 512
const fewestBytes = 128
const mostBytes = 65_536
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
      size = milliseconds > pieceMilliseconds ? Math.max(fewestBytes, size / 2) : Math.min(mostBytes, size * 2)
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

/** The names and values of an ordinary request are fewer. */
const mostPlainFields = 256

/** Whether what Node's parser reads at once, up to 64 KiB, may cost it ten milliseconds and more: tiny chunks, requests in a row, tiny fields. */
const isCostly = ({ headers, rawHeaders }: IncomingMessage, openResponses: number): boolean =>
  headers['transfer-encoding'] !== undefined || openResponses > 0 || rawHeaders.length > mostPlainFields

/** So many costly requests within so long have all connections read in turns, for as long again. */
const mostCostly = 4
const costlyMilliseconds = 5000

/**
 * Decides who reads a connection: Node's parser by itself, as long as requests are plain, or `readInTurns`. What the parser reads at once nobody
 * can interrupt, so few costly requests are enough to take every connection from it.
 */
export const shareReading = (turns: Turns) => {
  const byParser = new Map<Socket, string>()
  /** The parser is still in what it read at once. */
  const justTaken = new Map<Socket, string>()
  let costly = 0
  let costlySince = Number.NEGATIVE_INFINITY
  let strainedUntil = Number.NEGATIVE_INFINITY

  const take = (socket: Socket): void => {
    const peer = byParser.get(socket)
    if (peer === undefined) return
    byParser.delete(socket)
    justTaken.set(socket, peer)
    setImmediate(() => justTaken.delete(socket))
    readInTurns(socket, { turns, peer })
  }
  const noteCostly = (): void => {
    const at = performance.now()
    if (at - costlySince > costlyMilliseconds) {
      costlySince = at
      costly = 0
    }
    costly += 1
    if (costly < mostCostly) return
    strainedUntil = at + costlyMilliseconds
    for (const socket of byParser.keys()) take(socket)
  }
  return {
    begin: (socket: Socket, peer: string): void => {
      if (performance.now() < strainedUntil) {
        readInTurns(socket, { turns, peer })
        return
      }
      byParser.set(socket, peer)
      socket.once('close', () => byParser.delete(socket))
    },
    /** Has a connection read in turns from here on. */
    take,
    /** Serves a request in its turn. A connection that is read in turns is in its turn already. */
    serve: (request: IncomingMessage, openResponses: number, work: () => void): void => {
      const { socket } = request
      const peer = byParser.get(socket) ?? justTaken.get(socket)
      if (peer === undefined) {
        work()
        return
      }
      if (byParser.has(socket)) {
        const costs = isCostly(request, openResponses)
        if (costs || request.headers['content-length'] !== undefined) take(socket)
        if (costs) noteCostly()
      }
      turns.take({ peer, work })
    },
  }
}
