import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { explain, publish } from '../../bin/publish.ts'
import { listening } from '../support/listening.ts'
import { directoryForAll } from '../support/temporary-directories.ts'

const repository = fileURLToPath(new URL('../..', import.meta.url))
afterEach(() => vi.unstubAllEnvs())

/** How publishing fails. */
const failureOf = (...words: readonly string[]): Promise<string> =>
  publish(words).then(() => 'It did not fail.', explain)

const run = (...words: readonly string[]) =>
  new Promise<{ status: number; output: string; complaints: string }>((resolve) => {
    const child = execFile(
      process.execPath,
      ['bin/publish.ts', ...words],
      { cwd: repository },
      (_, output, complaints) => resolve({ status: child.exitCode ?? -1, output, complaints }),
    )
  })

const directory = await directoryForAll()
await writeFile(join(directory, 'broken.yaml'), 'name: [welcome')
await writeFile(join(directory, 'empty.yaml'), 'name: welcome')

describe('npm run publish-blueprint', () => {
  it.each([
    [
      'a stage that the configuration does not have',
      ['--stage', 'moon'],
      /--stage must be a stage .*\(production\), not moon\./,
    ],
    [
      'no host',
      ['--url', 'http://127.0.0.1:1', 'blueprints/welcome.yaml'],
      /^Not published\. http:\/\/127\.0\.0\.1:1 does not answer: .*ECONNREFUSED/,
    ],
    [
      'a dry run on a host',
      ['--dry-run', 'blueprints/welcome.yaml'],
      /--dry-run is for a deployment: name its --stage/,
    ],
    ['no file', ['--stage', 'production'], /Name the file of a blueprint/],
    ['a file that is not there', ['--stage', 'production', 'nowhere.yaml'], /cannot be read: ENOENT.*nowhere\.yaml/],
    ['a file that is not YAML', ['--stage', 'production', 'broken.yaml'], /broken\.yaml is not valid YAML/],
    ['a file that is no blueprint', ['--stage', 'production', 'empty.yaml'], /empty\.yaml is not a valid blueprint/],
    ['an option that it does not know', ['--sage', 'production'], /Unknown option '--sage'/],
  ])('says what is wrong with %s, without a stack', async (_what, parameters, told) => {
    const inPlace = parameters.map((word) => (/^(broken|empty)/.test(word) ? join(directory, word) : word))
    const failure = await failureOf(...inPlace)
    expect(failure).toMatch(/^Not published\. /)
    expect(failure).toMatch(told)
    expect(failure).not.toMatch(/^ +at /m)
  })

  it.each([
    [409, 'Not published. The reason.'],
    [401, 'Not published. The reason.\nGet another token and repeat the command. Operations that have begun continue.'],
    [503, 'The reason.\nIt may be published all the same. Publish it again: if it is, that changes nothing.'],
  ])('tells an answer of %i as the commands of operators do', async (status, told) => {
    await using server = createServer((_, response) => {
      response.writeHead(status, { 'content-type': 'application/problem+json' })
      response.end(JSON.stringify({ title: 'A problem', detail: 'The reason.' }))
    })
    const port = await listening(server)
    vi.stubEnv('SITEWRIGHT_OPERATOR_TOKEN', 'a-token')
    const url = `http://127.0.0.1:${port}`
    expect(await failureOf('--url', url, 'blueprints/welcome.yaml')).toBe(told)
  })

  it('prints that as a command, and fails', async () => {
    const complaints = '--dry-run is for a deployment: name its --stage.'
    const failed = { status: 1, output: '', complaints: `Not published. ${complaints}\n` }
    expect(await run('--dry-run', 'blueprints/welcome.yaml')).toEqual(failed)
  })

  it('shows how it is used', async () => {
    const { status, output } = await run('--help')
    expect(output).toContain('--dry-run')
    expect(status).toBe(0)
  })
})
