import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'

/** Response codes of RFC 1035 §4.1.1. */
const codes = { SERVFAIL: 2, NXDOMAIN: 3, REFUSED: 5 } as const
const types = { A: 1, CNAME: 5, TXT: 16, AAAA: 28 } as const
type RecordType = keyof typeof types

type Played =
  | keyof typeof codes
  | 'silence'
  | Readonly<Partial<Record<RecordType, readonly (string | readonly string[])[]>>>

const encodeName = (name: string): Buffer =>
  Buffer.concat([
    ...name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)])),
    Buffer.from([0]),
  ])

const dataOf = (type: RecordType, value: string | readonly string[]): Buffer => {
  if (type === 'TXT') {
    return Buffer.concat([value].flat().map((part) => Buffer.concat([Buffer.from([part.length]), Buffer.from(part)])))
  }
  if (type === 'CNAME') return encodeName(String(value))
  if (type === 'A') return Buffer.from(String(value).split('.').map(Number))
  return Buffer.from(String(value).replaceAll(':', ''), 'hex')
}

const record = (type: RecordType, value: string | readonly string[]): Buffer => {
  const data = dataOf(type, value)
  const head = Buffer.alloc(12)
  // A pointer to the question's name.
  head.writeUInt16BE(0xc00c, 0)
  head.writeUInt16BE(types[type], 2)
  head.writeUInt16BE(1, 4)
  head.writeUInt32BE(60, 6)
  head.writeUInt16BE(data.length, 10)
  return Buffer.concat([head, data])
}

const readQuestion = (message: Buffer) => {
  const labels: string[] = []
  let at = 12
  for (let length = message[at]!; length > 0; length = message[at]!) {
    labels.push(message.subarray(at + 1, at + 1 + length).toString())
    at += 1 + length
  }
  const number = message.readUInt16BE(at + 1)
  const type = (Object.keys(types) as RecordType[]).find((name) => types[name] === number)
  return { name: labels.join('.').toLowerCase(), type, question: message.subarray(12, at + 5) }
}

const reply = (message: Buffer, played: Exclude<Played, 'silence'>): Buffer => {
  const { type, question } = readQuestion(message)
  const answers =
    typeof played === 'string' || type === undefined ? [] : (played[type] ?? []).map((value) => record(type, value))
  const head = Buffer.alloc(12)
  message.copy(head, 0, 0, 2)
  head.writeUInt16BE(0x8180 | (typeof played === 'string' ? codes[played] : 0), 2)
  head.writeUInt16BE(1, 4)
  head.writeUInt16BE(answers.length, 6)
  return Buffer.concat([head, question, ...answers])
}

/** A name server on this machine that answers for each name as it is told, over UDP. */
export const playNameServer = async (names: Readonly<Record<string, Played>>) => {
  const socket: Socket = createSocket('udp4')
  socket.on('message', (message, { port, address }) => {
    const played = names[readQuestion(message).name] ?? 'NXDOMAIN'
    if (played !== 'silence') socket.send(reply(message, played), port, address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return { address: `127.0.0.1:${socket.address().port}`, close: () => socket.close() }
}
