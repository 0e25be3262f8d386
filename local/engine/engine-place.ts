import { rmSync } from 'node:fs'
import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import type { EngineAddress } from '../../adapters/dynamodb/client.ts'
import { shortSocketPath } from '../home/socket-path.ts'
import { confinedPort, relayed, socketName } from './confinement.ts'
import type { EngineProgram } from './engine.ts'
import { findFreePort, listensOn } from './free-port.ts'

/** Where an engine of this host answers, and how it is run there. */
export interface EnginePlace {
  readonly address: EngineAddress
  readonly role: 'engine' | 'relay'
  readonly commandFor: (
    program: EngineProgram,
    directory: string,
  ) => { readonly command: string; readonly arguments: readonly string[] }
  /** Whether this process, and no other one on its port, is what answers. */
  readonly isOwn: (pid: number) => Promise<boolean>
  readonly close: () => void
}

const addressOn = (port: number): EngineAddress => ({
  endpoint: `http://127.0.0.1:${port}`,
  region: 'us-east-1',
  // Engines on one machine take any credentials; the SDK wants to have some.
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
})

/** A port of this machine's loopback, which everybody on it can reach. */
export const exposedPlace = async (): Promise<EnginePlace> => {
  const port = await findFreePort()
  return {
    address: addressOn(port),
    role: 'engine',
    commandFor: (program, directory) => ({
      command: program.command,
      arguments: program.argumentsFor({ port, directory }),
    }),
    isOwn: (pid) => listensOn(pid, port),
    close: () => {},
  }
}

/** A network namespace of its own behind a Unix socket, in a directory that only this user may enter. */
export const confinedPlace = async (
  confinement: { readonly namespaces: readonly string[] },
  socketDirectory: string,
): Promise<EnginePlace> => {
  await chmod(socketDirectory, 0o700)
  const short = shortSocketPath(socketDirectory, socketName)
  return {
    address: {
      ...addressOn(confinedPort),
      socketPath: short.path,
    },
    role: 'relay',
    commandFor: (program, directory) =>
      relayed(confinement, socketDirectory, {
        command: program.command,
        arguments: program.argumentsFor({ port: confinedPort, directory }),
      }),
    isOwn: async () => true,
    close: () => {
      rmSync(join(socketDirectory, socketName), { force: true })
      short.close()
    },
  }
}
