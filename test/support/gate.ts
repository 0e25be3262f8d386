import { rm } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'

export interface Gate {
  readonly socket: string
  /** Breaks every connection and refuses new ones. */
  readonly shut: () => void
  readonly open: () => Promise<void>
}

/** A way to a Unix socket that can be barred. */
export const gateTo = async (target: string, socket: string): Promise<Gate> => {
  const passing = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(target)
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      passing.add(from)
      from
        .on('error', () => undefined)
        .on('close', () => {
          passing.delete(from)
          to.destroy()
        })
      from.pipe(to)
    }
  })
  const open = async (): Promise<void> => {
    await rm(socket, { force: true })
    server.listen(socket)
    await new Promise((resolve) => server.once('listening', resolve))
  }
  await open()
  return {
    socket,
    open,
    shut: () => {
      server.close()
      for (const one of passing) one.destroy()
    },
  }
}
