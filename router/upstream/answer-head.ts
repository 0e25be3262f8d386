/** An answer that two readers could understand differently. */
export class MalformedAnswer extends Error {
  override readonly name = 'MalformedAnswer'
  readonly code: string = 'SITEWRIGHT_MALFORMED_ANSWER'
}

/** A head, or trailers, above the limit of the site. */
export class AnswerFieldsTooLarge extends MalformedAnswer {
  override readonly code = 'SITEWRIGHT_ANSWER_FIELDS_TOO_LARGE'
}

export interface AnswerHead {
  readonly status: number
  readonly message: string
  /** Names and values in turn, as they came. */
  readonly fields: readonly string[]
  /** How long the answer says that it is. */
  readonly bodyBytes: number | undefined
}

/** Where the body after a head ends (RFC 9112 §6.3), and whether another answer may follow on the connection. */
export interface Framing {
  length: number | undefined
  isChunked: boolean
  isLast: boolean
  keepAliveSeconds: number | undefined
}

const statusLine = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: (.*))?$/
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
/** Control characters, and ends of lines that are not CRLF. */
export const illegal = /[^\t\r\n\x20-\x7e\x80-\xff]|\r(?!\n)|[^\r]\n/

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

/** Reads a status line and fields. @throws {MalformedAnswer} */
export const readHead = (text: string): AnswerHead & { readonly framing: Framing } => {
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
