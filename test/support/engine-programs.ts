import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const engine = fileURLToPath(new URL('../../.ci/container-engine', import.meta.url))

/** Writes the engine of the tests as `podman` into a directory for the path, and no `docker`. */
export const enginePrograms = async (directory: string): Promise<void> => {
  const { PATH = '', SITEWRIGHT_ENGINE_DIRECTORY: place = '' } = process.env
  const programs = {
    docker: 'exit 1',
    podman: `PATH='${PATH}' SITEWRIGHT_ENGINE_DIRECTORY='${place}' exec '${engine}' podman "$@"`,
  }
  for (const [name, script] of Object.entries(programs)) {
    await writeFile(join(directory, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  }
}
