import { maxHeaderSize } from 'node:http'

/** An answer that two readers could understand differently. */
export class MalformedAnswer extends Error {
  override readonly name = 'MalformedAnswer'
  readonly code = 'SITEWRIGHT_MALFORMED_ANSWER'
}

export interface AnswerHead {
  readonly status: number
  readonly message: string
  /** Names and values in turn, as they came. */
  readonly fields: readonly string[]
  /** How long the answer says that it is. */
  readonly bodyBytes: number | undefined
}

/** Receives an answer. */
export interface AnswerSink {
  readonly head: (head: AnswerHead) => void
  /** The bytes are valid until the call returns. */
  readonly piece: (bytes: Buffer) => void
}

/** Where the body after a head ends (RFC 9112 §6.3), and whether another answer may follow on the connection. */
interface Framing {
  length: number | undefined
  isChunked: boolean
  isLast: boolean
  keepAliveSeconds: number | undefined
}

const statusLine = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: (.*))?$/
const protocol = 'HTTP/1.'
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const fieldBegins = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+:/
/** Control characters, and ends of lines that are not CRLF. */
const illegal = /[^\t\r\n\x20-\x7e\x80-\xff]|\r(?!\n)|[^\r]\n/
const chunkSize = /^([0-9a-f]{1,13})[ \t]*(?:;.*)?$/i
const chunkSizeBegins = /^(?:[0-9a-f]{1,13}(?:[ \t]*(?:;[^\r\n]*)?)?)?\r?$/i
const bareLineFeed = /[^\r]\n/
const mostLineBytes = 4096

const isBlank = (character: number): boolean => character === 0x20 || character === 0x09

const valueFrom = (line: string, colon: number): string => {
  let start = colon + 1
  let end = line.length
  while (start < end && isBlank(line.charCodeAt(start))) start += 1
  while (end > start && isBlank(line.charCodeAt(end - 1))) end -= 1
  return line.slice(start, end)
}

const secondsIn = (value: string): number | undefined => {
  const seconds = /(?:^|[\t ,])timeout=(\d{1,6})/i.exec(value)?.[1]
  return seconds === undefined ? undefined : Number(seconds)
}

const noteFraming = (framing: Framing, name: string, value: string): void => {
  switch (name.toLowerCase()) {
    case 'content-length':
      if (framing.length !== undefined || !/^\d{1,15}$/.test(value))
        throw new MalformedAnswer('Content-Length is not one number')
      framing.length = Number(value)
      return
    case 'transfer-encoding':
      if (framing.isChunked || value.toLowerCase() !== 'chunked')
        throw new MalformedAnswer('Transfer-Encoding is not chunked')
      framing.isChunked = true
      return
    case 'connection':
      if (/(?:^|[\t ,])close(?:$|[\t ,])/i.test(value)) framing.isLast = true
      return
    case 'keep-alive':
      framing.keepAliveSeconds = secondsIn(value)
  }
}

/** The lengths of the names that `noteFraming` knows. */
const framingLengths: ReadonlySet<number> = new Set([10, 14, 17])

const readHead = (text: string): AnswerHead & { readonly framing: Framing } => {
  if (illegal.test(text)) throw new MalformedAnswer('the head has an illegal character')
  const [first = '', ...lines] = text.split('\r\n')
  const [, minor, status, message = ''] = statusLine.exec(first) ?? []
  if (status === undefined) throw new MalformedAnswer('the status line is not of HTTP/1.1')
  const isOld = minor === '0'
  const framing: Framing = { length: undefined, isChunked: false, isLast: isOld, keepAliveSeconds: undefined }
  const fields: string[] = []
  for (const line of lines) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon)
    if (colon < 0 || !token.test(name)) throw new MalformedAnswer('a line of the head is not a field')
    const value = valueFrom(line, colon)
    fields.push(name, value)
    if (framingLengths.has(name.length)) noteFraming(framing, name, value)
  }
  if (framing.isChunked && (isOld || framing.length !== undefined)) throw new MalformedAnswer('the length is ambiguous')
  return { status: Number(status), message, fields, bodyBytes: framing.length, framing }
}

/** A server of another protocol may wait for an answer, and never send the end of a head. */
const refuseOther = (beginning: string): void => {
  if (!protocol.startsWith(beginning)) throw new MalformedAnswer('the answer is not of HTTP/1.1')
}

type State = 'head' | 'body' | 'size' | 'chunk' | 'chunk-end' | 'trailers' | 'until-close' | 'complete'

/** RFC 9110 §15: they have no body, whatever their fields say. */
const bodyless: ReadonlySet<number> = new Set([204, 304])

const stateAfter = ({ isChunked, length }: Framing): State => {
  if (isChunked) return 'size'
  if (length === undefined) return 'until-close'
  return length === 0 ? 'complete' : 'body'
}

/**
 * Reads the answers on one connection, in whatever pieces their bytes arrive. Refuses answers that two readers could understand
 * differently. Skips interim answers.
 */
export const createAnswerReader = () => {
  let state: State = 'complete'
  let sink: AnswerSink | undefined
  let isOfHead = false
  let headBytes = 0
  /** Bytes of the body or chunk that have not arrived. */
  let left = 0
  /** An unfinished line or head. */
  let pending: Buffer | undefined
  /** The bytes of the body in one read, moved together: thousands of tiny chunks would cost a visitor's connection megabytes. */
  let joinedFrom = 0
  let joinedTo = 0
  let isLast = false
  let keepAliveSeconds: number | undefined

  const takeHead = (text: string): void => {
    headBytes += text.length
    if (headBytes > maxHeaderSize) throw new MalformedAnswer('the head is too large')
    const { framing, ...head } = readHead(text)
    if (head.status === 101) throw new MalformedAnswer('nobody asked for another protocol')
    // 100 was given by the router already, and 103 is a hint.
    if (head.status < 200) return
    isLast ||= framing.isLast
    keepAliveSeconds = framing.keepAliveSeconds
    left = framing.length ?? 0
    const isBodyless = bodyless.has(head.status)
    state = isOfHead || isBodyless ? 'complete' : stateAfter(framing)
    // A careless site may still send the body, and the next request would get it as its answer.
    if (state === 'until-close' || isOfHead || (isBodyless && (framing.isChunked || left > 0))) isLast = true
    sink?.head(head)
  }

  const takeSize = (line: string): void => {
    const [, size] = chunkSize.exec(line) ?? []
    if (size === undefined) throw new MalformedAnswer('a chunk has no size')
    left = Number.parseInt(size, 16)
    state = left === 0 ? 'trailers' : 'chunk'
  }

  const takeTrailer = (line: string): void => {
    headBytes += line.length
    if (headBytes > maxHeaderSize) throw new MalformedAnswer('the trailers are too large')
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
    const text = input.toString('latin1', at, at + maxHeaderSize)
    const end = text.indexOf('\r\n\r\n')
    if (end >= 0) {
      takeHead(text.slice(0, end))
      return at + end + 4
    }
    if (input.length - at >= maxHeaderSize) throw new MalformedAnswer('the head is too large')
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
    { most, mayBecome, take }: { most: number; mayBecome: RegExp; take: (line: string) => void },
  ): number | undefined => {
    const end = input.indexOf('\r\n', at, 'latin1')
    if (end >= 0 && end - at <= most) {
      take(input.toString('latin1', at, end))
      return end + 2
    }
    if (input.length - at > most || !mayBecome.test(input.toString('latin1', at)))
      throw new MalformedAnswer('a line is too large or malformed')
    pending = Buffer.from(input.subarray(at))
    return undefined
  }

  const join = (input: Buffer, at: number, count: number): void => {
    if (joinedTo === 0) joinedFrom = at
    else if (joinedTo < at) input.copyWithin(joinedTo, at, at + count)
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

  const sizeLine = { most: mostLineBytes, mayBecome: chunkSizeBegins, take: takeSize }
  const chunkEndLine = { most: 1, mayBecome: /^\r?$/, take: takeChunkEnd }
  const trailerLine = { most: maxHeaderSize, mayBecome: /^[\t\x20-\x7e\x80-\xff]*\r?$/, take: takeTrailer }

  const step = (input: Buffer, at: number): number | undefined => {
    switch (state) {
      case 'head':
        return takeWholeHead(input, at)
      case 'size':
        return takeLine(input, at, sizeLine)
      case 'chunk-end':
        return takeLine(input, at, chunkEndLine)
      case 'trailers':
        return takeLine(input, at, trailerLine)
      default:
        return takeBytes(input, at)
    }
  }

  return {
    /** Starts reading the answer to a request with this method. */
    begin: (method: string, next: AnswerSink): void => {
      state = 'head'
      sink = next
      isOfHead = method === 'HEAD'
      headBytes = 0
    },
    /** Moves bytes within what it is given. @throws {MalformedAnswer} */
    read: (bytes: Buffer): void => {
      const input = pending === undefined ? bytes : Buffer.concat([pending, bytes])
      pending = undefined
      let at: number | undefined = 0
      joinedTo = 0
      while (at !== undefined && at < input.length && state !== 'complete') at = step(input, at)
      if (joinedTo > 0) sink?.piece(input.subarray(joinedFrom, joinedTo))
      // The next request could get this as its answer.
      if (at !== undefined && at < input.length) isLast = true
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
