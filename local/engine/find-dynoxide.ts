import { access, constants } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { FindProgram } from './engine.ts'

const resolveProgram = (): string | undefined => {
  try {
    return createRequire(import.meta.url).resolve('@dynoxide/linux-x64/dynoxide')
  } catch {
    return
  }
}

/** dynoxide: one binary, an optional dependency that npm installs on Linux x64. */
export const findDynoxide: FindProgram = async () => {
  const command = resolveProgram()
  if (command === undefined) return { missing: 'is not installed; on Linux x64, npm ci installs @dynoxide/linux-x64' }
  const executable = await access(command, constants.X_OK).then(
    () => true,
    () => false,
  )
  if (!executable) return { missing: `is installed, and ${command} may not be executed` }
  return {
    program: {
      name: 'dynoxide',
      command,
      argumentsFor: ({ port, directory }) => [
        'serve',
        '--host',
        '127.0.0.1',
        '--port',
        String(port),
        '--db-path',
        join(directory, 'dynoxide.db'),
      ],
    },
  }
}
