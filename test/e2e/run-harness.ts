import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const repository = fileURLToPath(new URL('../..', import.meta.url))

/** Runs one of the scripts that write figures, with `--json`. `json` is empty where it wrote none. */
export const runHarness = async <Figures>(script: string, ...options: readonly string[]) => {
  const directory = await mkdtemp(join(tmpdir(), 'sitewright-harness-'))
  try {
    const file = join(directory, 'figures.json')
    const child = spawn(process.execPath, [script, ...options, '--json', file], {
      cwd: repository,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += String(chunk)
      })
    }
    const [code] = await once(child, 'close')
    const written = await readFile(file, 'utf8').catch(() => '{}')
    return { code: code as number | null, output, json: JSON.parse(written) as Figures }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
