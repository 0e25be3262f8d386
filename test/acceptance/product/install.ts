import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { delimiter, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { messageOf } from '../../../bin/command-line/read-options.ts'

const run = promisify(execFile)

export const example = 'ihatemoney'
export const blueprints = resolve(import.meta.dirname, '../../../blueprints/examples', example)

/** What the image installs from PyPI: the Dockerfile has the versions. */
const requirements = async (): Promise<readonly string[]> => {
  const dockerfile = await readFile(join(blueprints, 'Dockerfile'), 'utf8')
  const [, version] = /^ARG VERSION=(\S+)$/m.exec(dockerfile) ?? []
  const [server] = /gunicorn==[\d.]+/.exec(dockerfile) ?? []
  if (version === undefined || server === undefined) throw new Error('The Dockerfile of the example names no versions.')
  return [server, `${example}==${version}`]
}

/**
 * Installs the product into a virtual environment, as its documentation says.
 * @returns the `PATH` with its programs.
 * @throws {Error} that says what is missing.
 */
export const installProduct = async (directory: string): Promise<string> => {
  const environment = join(directory, 'python')
  try {
    await run('python3', ['-m', 'venv', environment])
    await run(join(environment, 'bin', 'pip'), ['install', '--quiet', ...(await requirements())])
  } catch (error) {
    const [, words = ''] = /([^\n]+)\n*$/.exec(messageOf(error)) ?? []
    throw new Error(`As a plain process the product needs python3 with venv, and PyPI. ${words}`)
  }
  return [join(environment, 'bin'), process.env['PATH']].join(delimiter)
}
