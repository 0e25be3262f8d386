import { execFile } from 'node:child_process'
import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { connectEngine } from '../../adapters/containers/engine.ts'
import { importNodeImage } from '../../tools/import-node-image.ts'

const run = promisify(execFile)
const script = fileURLToPath(new URL('../../.ci/container-engine', import.meta.url))
const welcomeDirectory = fileURLToPath(new URL('../../sites/welcome', import.meta.url))

export interface OwnEngine extends AsyncDisposable {
  /** As `DOCKER_HOST` names it. */
  readonly address: string
  /** Ends its service; the containers live on. */
  readonly goAway: () => Promise<void>
  readonly comeBack: () => Promise<void>
}

/** A container engine that a test may end, with the welcome site's image in it. */
export const startOwnEngine = async (): Promise<OwnEngine> => {
  const directory = await mkdtemp(join(tmpdir(), 'sitewright-engine-away-'))
  const env = { ...process.env, SITEWRIGHT_ENGINE_DIRECTORY: directory }
  const start = async (): Promise<string> => (await run(script, ['start'], { env })).stdout.trim()
  const address = (await start()).replace('DOCKER_HOST=', '')
  await importNodeImage((await connectEngine(address)).streams, {
    tag: 'sitewright/welcome:6',
    app: welcomeDirectory,
    modules: ['ws', 'jose', 'saxes', 'xmlchars', 'yauzl', 'pend', 'scorm-again', 'mime', 'valibot'],
    command: ['node', 'server.ts'],
  })
  return {
    address,
    goAway: async () => {
      process.kill(Number(await readFile(join(directory, 'pid'), 'utf8')), 'SIGKILL')
    },
    comeBack: async () => {
      await start()
    },
    [Symbol.asyncDispose]: async () => {
      await run(script, ['stop'], { env })
    },
  }
}
