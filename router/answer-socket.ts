import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'

const lingerMilliseconds = 5000

/** The first part of an answer as bytes, for a connection that has left Node's HTTP server. */
export const answerHead = (status: number, message: string | undefined, headers: readonly string[]): Buffer => {
  let head = `HTTP/1.1 ${status} ${message || (STATUS_CODES[status] ?? '')}\r\n`
  for (let index = 0; index + 1 < headers.length; index += 2) head += `${headers[index]}: ${headers[index + 1]}\r\n`
  return Buffer.from(`${head}\r\n`, 'latin1')
}

/** Drops what the visitor still sends and lets them close first, for a while: a reset could overtake the answer. */
export const closeAfterAnswer = (socket: Socket): void => {
  socket.resume()
  socket.on('finish', () => socket.setTimeout(lingerMilliseconds, () => socket.destroy()))
}
