import {
  AnswerFieldsTooLarge,
  type AnswerHead,
  type Framing,
  illegal,
  MalformedAnswer,
  readHead,
} from './answer-head.ts'

/** Receives an answer. */
export interface AnswerSink {
  /** A hint that comes before the answer, such as 103. */
  readonly interim?: (head: AnswerHead) => void
  readonly head: (head: AnswerHead) => void
  /** The bytes are valid until the call returns. */
  readonly piece: (bytes: Buffer) => void
}

const protocol = 'HTTP/1.'
const fieldBegins = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+:/
const chunkSize = /^([0-9a-f]{1,13})[ \t]*(?:;.*)?$/i
const chunkSizeBegins = /^(?:[0-9a-f]{1,13}(?:[ \t]*(?:;[^\r\n]*)?)?)?\r?$/i
/** The value of each hexadecimal digit by its character. */
const digitValues = Int8Array.from({ length: 256 }, (_, code) => {
  const value = Number.parseInt(String.fromCharCode(code), 16)
  return Number.isNaN(value) ? -1 : value
})
const maxDigits = 13
const [carriageReturn, lineFeed] = [0x0d, 0x0a]
/** Moving fewer bytes one by one is faster. */
const fewBytes = 64
const bareLineFeed = /[^\r]\n/
const maxLineBytes = 4096
/** One every quarter of a minute, for as long as an answer may take. */
const maxInterims = 60
/** The extensions of all chunks of an answer. Extensions mean nothing to anybody. */
const maxExtensionBytes = 16_384

/** A server of another protocol may wait for an answer, and never send the end of a head. */
const refuseOther = (beginning: string): void => {
  if (!protocol.startsWith(beginning)) throw new MalformedAnswer('the answer is not of HTTP/1.1')
}

const nothing = Buffer.alloc(0)

type State = 'head' | 'body' | 'size' | 'chunk' | 'chunk-end' | 'trailers' | 'until-close' | 'complete'

/** RFC 9110 §15: they have no body, whatever their fields say. */
const bodyless: ReadonlySet<number> = new Set([101, 204, 304])

const stateAfter = ({ isChunked, length }: Framing): State => {
  if (isChunked) return 'size'
  if (length === undefined) return 'until-close'
  return length === 0 ? 'complete' : 'body'
}

/**
 * Reads the answers on one connection, in whatever pieces their bytes arrive. Refuses answers that two readers could understand
 * differently.
 */
export const createAnswerReader = () => {
  let state: State = 'complete'
  let sink: AnswerSink | undefined
  let isOfHead = false
  let mayUpgrade = false
  let headBytes = 0
  let maxHeadBytes = 0
  let interims = 0
  let extensionBytes = 0
  /** Bytes of the final head in this read. */
  let finalHead = 0
  /** Bytes of the body or chunk that have not arrived. */
  let left = 0
  /** An unfinished line or head. */
  let pending: Buffer | undefined
  /** The bytes of the body in one read, moved together: thousands of tiny chunks would cost a visitor's connection megabytes. */
  let joinedFrom = 0
  let joinedTo = 0
  let isLast = false
  let keepAliveSeconds: number | undefined

  const countFields = (text: string): void => {
    headBytes += text.length
    if (headBytes > maxHeadBytes) throw new AnswerFieldsTooLarge('the fields are too large')
  }

  const takeInterim = (head: AnswerHead): void => {
    interims += 1
    if (interims > maxInterims) throw new MalformedAnswer('there are too many interim answers')
    // The router has given 100 already.
    if (head.status > 100) sink?.interim?.(head)
  }

  const takeHead = (text: string): void => {
    countFields(text)
    const { framing, ...head } = readHead(text)
    const isUpgrade = head.status === 101
    if (isUpgrade && !mayUpgrade) throw new MalformedAnswer('nobody asked for another protocol')
    if (head.status < 200 && !isUpgrade) {
      takeInterim(head)
      return
    }
    finalHead = text.length + 4
    isLast ||= framing.isLast
    keepAliveSeconds = framing.keepAliveSeconds ?? keepAliveSeconds
    left = framing.length ?? 0
    expectBody(framing, bodyless.has(head.status))
    sink?.head(head)
  }

  const expectBody = (framing: Framing, isBodyless: boolean): void => {
    state = isOfHead || isBodyless ? 'complete' : stateAfter(framing)
    // A careless site may still send the body, and the next request would get it as its answer.
    if (state === 'until-close' || isOfHead || (isBodyless && (framing.isChunked || left > 0))) isLast = true
  }

  const takeSize = (line: string): void => {
    const [, size] = chunkSize.exec(line) ?? []
    if (size === undefined) throw new MalformedAnswer('a chunk has no size')
    extensionBytes += line.length - size.length
    if (extensionBytes > maxExtensionBytes) throw new MalformedAnswer('the extensions of chunks are too large')
    expectChunk(Number.parseInt(size, 16))
  }

  const expectChunk = (size: number): void => {
    left = size
    state = left === 0 ? 'trailers' : 'chunk'
  }

  const isLineEnd = (input: Buffer, at: number): boolean => input[at] === carriageReturn && input[at + 1] === lineFeed

  /** Reads a size without extensions, as nearly all are, without making text of it: there may be one for each byte of a body. */
  const takePlainSize = (input: Buffer, at: number): number | undefined => {
    let size = 0
    let next = at
    for (; next - at < maxDigits; next += 1) {
      const value = digitValues[input[next] ?? 0] ?? -1
      if (value < 0) break
      size = size * 16 + value
    }
    if (next === at || !isLineEnd(input, next)) return takeLine(input, at, sizeLine)
    expectChunk(size)
    return next + 2
  }

  const takePlainEnd = (input: Buffer, at: number): number | undefined => {
    if (!isLineEnd(input, at)) return takeLine(input, at, chunkEndLine)
    state = 'size'
    return at + 2
  }

  const takeTrailer = (line: string): void => {
    countFields(line)
    if (line === '') state = 'complete'
    else if (illegal.test(line) || !fieldBegins.test(line)) throw new MalformedAnswer('a trailer is not a field')
  }

  const takeChunkEnd = (line: string): void => {
    if (line !== '') throw new MalformedAnswer('a chunk is longer than its size')
    state = 'size'
  }

  /** @returns where the head ends; undefined if it is not complete yet. */
  const takeWholeHead = (input: Buffer, at: number): number | undefined => {
    // Text is searched faster than bytes, and the head is needed as text anyway.
    const text = input.toString('latin1', at, at + maxHeadBytes)
    const end = text.indexOf('\r\n\r\n')
    if (end >= 0) {
      takeHead(text.slice(0, end))
      return at + end + 4
    }
    if (input.length - at >= maxHeadBytes) throw new AnswerFieldsTooLarge('the head is too large')
    refuseOther(text.slice(0, protocol.length))
    if (bareLineFeed.test(text)) throw new MalformedAnswer('the head has an illegal character')
    pending = Buffer.from(input.subarray(at))
    return undefined
  }

  /**
   * @param mayBecome refuses the beginning of a line that can never be valid: a site may wait for its end for ever.
   * @returns where the line ends; undefined if it is not complete yet.
   */
  const takeLine = (
    input: Buffer,
    at: number,
    { max, mayBecome, take }: { max: number; mayBecome: RegExp; take: (line: string) => void },
  ): number | undefined => {
    const end = input.indexOf('\r\n', at, 'latin1')
    if (end >= 0 && end - at <= max) {
      take(input.toString('latin1', at, end))
      return end + 2
    }
    if (input.length - at > max || !mayBecome.test(input.toString('latin1', at)))
      throw new MalformedAnswer('a line is too large or malformed')
    pending = Buffer.from(input.subarray(at))
    return undefined
  }

  const join = (input: Buffer, at: number, count: number): void => {
    if (joinedTo === 0) joinedFrom = at
    else if (joinedTo < at && count > fewBytes) input.copyWithin(joinedTo, at, at + count)
    else if (joinedTo < at)
      for (let index = 0; index < count; index += 1) input[joinedTo + index] = input[at + index] ?? 0
    joinedTo = (joinedTo || at) + count
  }

  const takeBytes = (input: Buffer, at: number): number => {
    const count = state === 'until-close' ? input.length - at : Math.min(left, input.length - at)
    if (state !== 'until-close') {
      left -= count
      if (left === 0) state = state === 'body' ? 'complete' : 'chunk-end'
    }
    join(input, at, count)
    return at + count
  }

  const sizeLine = { max: maxLineBytes, mayBecome: chunkSizeBegins, take: takeSize }
  const chunkEndLine = { max: 1, mayBecome: /^\r?$/, take: takeChunkEnd }
  const trailerLine = { max: 0, mayBecome: /^[\t\x20-\x7e\x80-\xff]*\r?$/, take: takeTrailer }

  const step = (input: Buffer, at: number): number | undefined => {
    switch (state) {
      case 'head':
        return takeWholeHead(input, at)
      case 'size':
        return takePlainSize(input, at)
      case 'chunk-end':
        return takePlainEnd(input, at)
      case 'trailers':
        return takeLine(input, at, trailerLine)
      default:
        return takeBytes(input, at)
    }
  }

  return {
    /**
     * Starts reading the answer to a request with this method. @param most bytes of its fields, and those of interim answers.
     * @param isUpgrade whether 101 is an answer to it.
     */
    begin: (method: string, next: AnswerSink, max: number, isUpgrade = false): void => {
      state = 'head'
      sink = next
      isOfHead = method === 'HEAD'
      mayUpgrade = isUpgrade
      headBytes = 0
      interims = 0
      maxHeadBytes = max
      trailerLine.max = max
      extensionBytes = 0
    },
    /**
     * Moves bytes within what it is given. @returns how many of them belong to the answer, without those of its head; after a head that
     * accepts an upgrade, what follows. @throws {MalformedAnswer}
     */
    read: (bytes: Buffer): { readonly bodyBytes: number; readonly rest: Buffer | undefined } => {
      const input = pending === undefined ? bytes : Buffer.concat([pending, bytes])
      pending = undefined
      let at: number | undefined = 0
      joinedTo = 0
      finalHead = 0
      while (at !== undefined && at < input.length && state !== 'complete') at = step(input, at)
      if (joinedTo > 0) sink?.piece(input.subarray(joinedFrom, joinedTo))
      // The next request could get this as its answer.
      const rest = at !== undefined && at < input.length ? input.subarray(at) : undefined
      if (rest !== undefined) isLast = true
      return { bodyBytes: input.length - (rest ?? pending ?? nothing).length - finalHead, rest }
    },
    /** Notes that the site has closed the connection. @returns whether the answer is complete. */
    endsHere: (): boolean => {
      if (state === 'until-close') state = 'complete'
      return state === 'complete'
    },
    awaitsHead: (): boolean => state === 'head',
    isComplete: (): boolean => state === 'complete',
    /** Whether the connection can take another request. */
    isReusable: (): boolean => state === 'complete' && !isLast,
    /** For how long the site keeps an idle connection, if it says so. */
    keepAliveSeconds: (): number | undefined => keepAliveSeconds,
  }
}
