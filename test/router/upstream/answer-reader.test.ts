import { once } from 'node:events'
import { request as httpRequest, STATUS_CODES } from 'node:http'
import { createServer, type Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AnswerHead, MalformedAnswer } from '../../../router/upstream/answer-head.ts'
import { createAnswerReader } from '../../../router/upstream/answer-reader.ts'

interface Read {
  readonly head: Omit<AnswerHead, 'bodyBytes'> | undefined
  readonly body: string
  readonly isComplete: boolean
}

/** Reads bytes in pieces, and then their end. */
const readPieces = (pieces: readonly Buffer[], method = 'GET'): Read & { readonly isReusable: boolean } => {
  let head: Read['head']
  let body = ''
  const reader = createAnswerReader()
  const sink = {
    head: ({ status, message, fields }: AnswerHead) => {
      head = { status, message, fields }
    },
    piece: (bytes: Buffer) => {
      body += bytes.toString('latin1')
    },
  }
  reader.begin(method, sink, 16_384)
  for (const piece of pieces) reader.read(piece)
  const isReusable = reader.isReusable()
  return { head, body, isComplete: reader.endsHere(), isReusable }
}

const bytesOf = (text: string): Buffer => Buffer.from(text, 'latin1')

const readText = (text: string, method?: string) => readPieces([bytesOf(text)], method)

describe('an answer', () => {
  it.each([
    ['with a length', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc', 'abc', true],
    ['of no length', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', '', true],
    [
      'in chunks',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n2\r\nab\r\nA \r\n0123456789\r\n0\r\n\r\n',
      'ab0123456789',
      true,
    ],
    [
      'with extensions and trailers',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;a="b"\r\na\r\n0\r\nX-Sum: 1\r\n\r\n',
      'a',
      true,
    ],
    ['until the close', 'HTTP/1.1 200 OK\r\n\r\nabc', 'abc', false],
    ['of an old server', 'HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na', 'a', false],
    ['that closes', 'HTTP/1.1 200 OK\r\nConnection: foo, Close\r\nContent-Length: 1\r\n\r\na', 'a', false],
    ['without a body', 'HTTP/1.1 204 No Content\r\n\r\n', '', true],
    ['that nothing has changed', 'HTTP/1.1 304 Not Modified\r\n\r\n', '', true],
    ['without a body of which it gives a length', 'HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\n', '', false],
    [
      'that nothing has changed in chunks',
      'HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n',
      '',
      false,
    ],
    [
      'after hints',
      'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200\r\nContent-Length: 1\r\n\r\na',
      'a',
      true,
    ],
    ['with more than it says', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\naHTTP/1.1 200 OK\r\n\r\n', 'a', false],
  ])('%s is read', (_, text, body, isReusable) => {
    expect(readText(text)).toMatchObject({ body, isReusable, isComplete: true })
  })

  it('in many chunks is one piece for each read', () => {
    const pieces: string[] = []
    const reader = createAnswerReader()
    reader.begin('GET', { head: () => {}, piece: (bytes) => void pieces.push(bytes.toString('latin1')) }, 16_384)
    reader.read(
      bytesOf(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${'1\r\na\r\n3\r\nbcd\r\n'.repeat(100)}2\r\nx`),
    )
    reader.read(bytesOf('y\r\n1\r\nz\r\n0\r\n\r\n'))
    expect(pieces).toEqual([`${'abcd'.repeat(100)}x`, 'yz'])
    expect(reader.isReusable()).toBe(true)
  })

  it('to HEAD has no body, and is the last one: a careless site may send the body later', () => {
    expect(readText('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n', 'HEAD')).toMatchObject({
      body: '',
      isReusable: false,
    })
  })

  it.each([
    ['a length', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab'],
    ['chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n'],
    ['a head', 'HTTP/1.1 200 OK\r\nContent-'],
    ['hints', 'HTTP/1.1 103 Early Hints\r\n\r\n'],
  ])('that ends within %s is not complete', (_, text) => {
    expect(readText(text).isComplete).toBe(false)
  })

  it.each([
    ['another protocol', 'SSH-2.0-OpenSSH\r\n'],
    ['HTTP/2', 'HTTP/2 200 OK\r\n\r\n'],
    ['no status', 'HTTP/1.1 OK\r\n\r\n'],
    ['a switch of protocols', 'HTTP/1.1 101 Switching Protocols\r\n\r\n'],
    ['a line without a colon', 'HTTP/1.1 200 OK\r\nabc\r\n\r\n'],
    ['a space before the colon', 'HTTP/1.1 200 OK\r\nContent-Length : 3\r\n\r\nabc'],
    ['a folded line', 'HTTP/1.1 200 OK\r\nX-A: b\r\n c: d\r\n\r\n'],
    ['a bare line feed', 'HTTP/1.1 200 OK\r\nX-A: b\nContent-Length: 3\r\n\r\nabc'],
    ['a bare carriage return', 'HTTP/1.1 200 OK\r\nX-A: b\rContent-Length: 3\r\n\r\nabc'],
    ['a null character', 'HTTP/1.1 200 OK\r\nX-A: \0\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc'],
    ['a list of lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 3, 3\r\n\r\nabc'],
    ['a signed length', 'HTTP/1.1 200 OK\r\nContent-Length: +3\r\n\r\nabc'],
    ['a length and chunks', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['another coding', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n'],
    ['chunks of an old server', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['a chunk without a size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n'],
    ['a negative size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n'],
    ['a chunk that is too long', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n'],
    ['a bare line feed before its end', 'HTTP/1.1 200 OK\nX-A: b\n\n'],
    ['text in place of chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n<html>'],
    ['chunks with bare line feeds', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\na\n'],
    ['a chunk that is too long, before a line ends', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab'],
    ['a trailer without a colon', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nabc\r\n\r\n'],
    ['a head without an end', `HTTP/1.1 200 OK\r\nX-A: ${'a'.repeat(20_000)}`],
    ['many hints', 'HTTP/1.1 103 Early Hints\r\nX-A: 1\r\n\r\n'.repeat(1000)],
    [
      'trailers without an end',
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n${'X-A: 1\r\n'.repeat(5000)}`,
    ],
    ['a size without an end', `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${'0'.repeat(5000)}`],
  ])('with %s is refused', (_, text) => {
    expect(() => readText(text)).toThrow(MalformedAnswer)
  })

  it('keeps fields as they came, without the blanks around them', () => {
    const text = `HTTP/1.1 299 \xfcber\r\nX-A:  a \t b\t \r\nx-a:\r\nSet-Cookie: a\xa0\r\nContent-Length: 0\r\n\r\n`
    expect(readText(text).head).toEqual({
      status: 299,
      message: '\xfcber',
      fields: ['X-A', 'a \t b', 'x-a', '', 'Set-Cookie', 'a\xa0', 'Content-Length', '0'],
    })
  })

  it('says for how long its connection is kept', () => {
    const reader = createAnswerReader()
    reader.begin('GET', { head: () => {}, piece: () => {} }, 16_384)
    reader.read(bytesOf('HTTP/1.1 200 OK\r\nKeep-Alive: max=3, timeout=15\r\nContent-Length: 0\r\n\r\n'))
    expect(reader.keepAliveSeconds()).toBe(15)
    reader.begin('GET', { head: () => {}, piece: () => {} }, 16_384)
    reader.read(bytesOf('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'))
    expect(reader.keepAliveSeconds()).toBe(15)
  })
})

const name = fc.stringMatching(/^X-[A-Za-z0-9!#$%&'*+.^_`|~-]{1,8}$/)
const value = fc.stringMatching(/^[\x21-\x7e\x80-\xff]([\t\x20-\x7e\x80-\xff]{0,12}[\x21-\x7e\x80-\xff])?$/)
const fields = fc.array(fc.tuple(name, value), { maxLength: 6 })
const chunks = fc.array(
  fc.uint8Array({ minLength: 1, maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
  { maxLength: 5 },
)
const status = fc.constantFrom(
  ...Object.keys(STATUS_CODES)
    .map(Number)
    .filter((code) => code >= 200),
)
const framings = ['length', 'chunked', 'close'] as const

/** A whole answer as a server may write it. */
const answerText = fc
  .record({ status, fields, chunks, framing: fc.constantFrom(...framings), interim: fc.boolean() })
  .map((answer) => {
    const body = [204, 304].includes(answer.status) ? [] : answer.chunks
    const own = answer.fields.map(([key, text]) => `${key}: ${text}\r\n`).join('')
    const bytes = {
      length: `Content-Length: ${body.join('').length}\r\n\r\n${body.join('')}`,
      chunked: `Transfer-Encoding: chunked\r\n\r\n${body.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('')}${body.length > 0 || ![204, 304].includes(answer.status) ? '0\r\n\r\n' : ''}`,
      close: `Connection: close\r\n\r\n${body.join('')}`,
    }
    const before = answer.interim ? 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n' : ''
    return `${before}HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status]}\r\n${own}${bytes[answer.framing]}`
  })

const cut = (text: string, at: readonly number[]): readonly Buffer[] => {
  const places = [0, ...at.map((place) => place % (text.length + 1)).sort((a, b) => a - b), text.length]
  return places
    .slice(1)
    .flatMap((end, index) => (end > (places[index] ?? 0) ? [bytesOf(text.slice(places[index], end))] : []))
}

describe('any answer', () => {
  let sends = ''
  const server = createServer((socket: Socket) => {
    socket.on('error', () => {})
    socket.once('data', () => socket.end(sends, 'latin1'))
  })
  let port = 0
  beforeAll(async () => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    port = typeof address === 'object' ? (address?.port ?? 0) : 0
  })
  afterAll(() => void server.close())

  /** What Node's client makes of the same bytes. */
  const asNodeReads = async (text: string): Promise<Read> => {
    sends = text
    const asked = httpRequest({ port, host: '127.0.0.1', agent: false }).end()
    const [answer] = await once(asked, 'response')
    const body = await buffer(answer)
    const { statusCode, statusMessage, rawHeaders, complete } = answer
    return {
      head: { status: statusCode, message: statusMessage, fields: rawHeaders },
      body: body.toString('latin1'),
      isComplete: complete,
    }
  }

  it('is read as Node reads it, however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(answerText, fc.array(fc.nat(), { maxLength: 12 }), async (text, places) => {
        const { isReusable, ...read } = readPieces(cut(text, places))
        expect(read).toEqual(await asNodeReads(text))
        expect(isReusable).toBe(readText(text).isReusable)
      }),
      { numRuns: 300 },
    )
  })

  it('may have any bytes in it without more than a refusal', () => {
    fc.assert(
      fc.property(
        answerText,
        fc.nat(),
        fc.nat({ max: 255 }),
        fc.array(fc.nat(), { maxLength: 4 }),
        (text, place, byte, places) => {
          const bytes = bytesOf(text)
          bytes[place % bytes.length] = byte
          const attempt = (pieces: readonly Buffer[]) => {
            try {
              return readPieces(pieces)
            } catch (error) {
              if (!(error instanceof MalformedAnswer)) throw error
              return 'refused'
            }
          }
          expect(attempt(cut(bytes.toString('latin1'), places))).toEqual(attempt([bytes]))
        },
      ),
      { numRuns: 1000 },
    )
  })
})

describe('the bounds of an answer', () => {
  const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'

  it.each([
    ['extensions of chunks', `${chunked}${`1;${'x'.repeat(1000)}\r\na\r\n`.repeat(17)}0\r\n\r\n`],
    ['interim answers', `${'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(61)}HTTP/1.1 204 No Content\r\n\r\n`],
    ['trailers', `${chunked}0\r\n${'a: b\r\n'.repeat(5000)}\r\n`],
  ])('refuse too many %s, however they are cut', (_, text) => {
    const bytes = bytesOf(text)
    for (const size of [1000, 4096, bytes.length]) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
        Buffer.from(bytes.subarray(index * size, (index + 1) * size)),
      )
      expect(() => readPieces(pieces)).toThrow(MalformedAnswer)
    }
  })

  it('count all bytes that frame a body, and not those of its head', () => {
    const body = '1;a\r\na\r\n0\r\nX-Sum: 1\r\n\r\n'
    const bytes = bytesOf(chunked + body)
    fc.assert(
      fc.property(fc.integer({ min: 1, max: bytes.length }), (size) => {
        const reader = createAnswerReader()
        reader.begin('GET', { head: () => {}, piece: () => {} }, 16_384)
        let counted = 0
        for (let at = 0; at < bytes.length; at += size)
          counted += reader.read(Buffer.from(bytes.subarray(at, at + size))).bodyBytes
        expect(counted).toBe(body.length)
      }),
    )
  })
})
