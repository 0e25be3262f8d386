import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { parse, stringify } from 'yaml'
import { BadInput } from '../../../bin/blueprint/bad-input.ts'
import { rebase, writeExtension } from '../../../bin/blueprint/extensions.ts'
import { listening } from '../../support/listening.ts'
import { directoryForTest } from '../../support/temporary-directories.ts'

const lms = (version: number, changes: object = {}) => ({
  name: 'lms',
  version,
  title: 'Courses',
  access: 'public',
  containers: [
    { name: 'web', image: `lms:${version}`, environment: { LOG: 'info', THEME: 'light' } },
    { name: 'mailer', image: 'mailer:1' },
  ],
  traffic: { container: 'web' },
  data: { mode: 'exclusive' },
  ...changes,
})

const acme = `# Of Acme, by contract 17.
name: acme
version: 3
extends: { name: lms, version: 12 }
containers:
  web:
    environment: { THEME: dark } # The customer's own.
`

let directory: string
let file: string
const write = (name: string, content: object) => writeFile(join(directory, name), stringify(content))

beforeEach(async () => {
  directory = await directoryForTest()
  file = join(directory, 'acme.yaml')
  await writeFile(file, acme)
  await write('lms-12.yaml', lms(12))
})
afterEach(() => void vi.unstubAllEnvs())

const run = async (options: { readonly write?: boolean; readonly onto?: number; readonly url?: string } = {}) => {
  const lines: string[] = []
  const isClean = await rebase(file, {
    onto: 13,
    url: 'http://127.0.0.1:1',
    write: false,
    ...options,
    print: (line) => lines.push(line),
  })
  return { isClean, text: lines.join('\n') }
}

describe('npm run blueprint -- rebase', () => {
  it('prints what changes in the extension, and writes nothing', async () => {
    await write('lms.yaml', lms(13, { traffic: { container: 'web', startSeconds: 120 } }))
    const { isClean, text } = await run()
    expect(isClean).toBe(true)
    expect(text).toContain('containers.web.image: lms:12 → lms:13')
    expect(text).toContain('traffic.startSeconds: 60 → 120')
    expect(text).not.toMatch(/THEME|Conflicts|version: 12/)
    expect(text).toContain('Nothing is written without --write.')
    expect(await readFile(file, 'utf8')).toBe(acme)
  })

  it('names what both changed, unless they agree', async () => {
    const themed = (theme: string) => {
      const [web, mailer] = lms(13).containers
      return lms(13, {
        containers: [
          { ...web, environment: { THEME: theme } },
          { ...mailer, image: 'mailer:2' },
        ],
      })
    }
    await write('lms.yaml', themed('blue'))
    const { isClean, text } = await run()
    expect(isClean).toBe(false)
    expect(text).toMatch(/Conflicts: .*\n {2}containers\.web\.environment\.THEME: light → blue, and here dark\n/)
    expect(text).toContain('containers.web.environment.LOG: info → –')
    await write('lms.yaml', themed('dark'))
    expect((await run()).isClean).toBe(true)
  })

  it('names what the base changed in a container or a list that the extension removes or replaces', async () => {
    const [web, mailer] = lms(12).containers
    await write('lms-12.yaml', lms(12, { features: ['a'] }))
    await write('lms.yaml', lms(13, { features: ['a', 'b'], containers: [web, { ...mailer, image: 'mailer:2' }] }))
    await writeFile(file, stringify({ ...parse(acme), features: ['c'], containers: { mailer: null } }))
    const { isClean, text } = await run()
    expect(isClean).toBe(false)
    expect(text).toContain('containers.mailer.image: mailer:1 → mailer:2, and here –')
    expect(text).toContain('features: a → a, b, and here c')
  })

  it('writes the version with --write, and leaves the rest of the file as it is', async () => {
    await write('lms.yaml', lms(13))
    await run({ write: true })
    expect(await readFile(file, 'utf8')).toBe(acme.replace('version: 12', 'version: 13'))
    file = join(directory, 'acme.json')
    await writeFile(file, JSON.stringify({ ...parse(acme), name: 'other' }))
    await run({ write: true })
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ extends: { name: 'lms', version: 13 } })
  })

  it('says that nothing changes', async () => {
    expect((await run({ onto: 12 })).text).toContain('On lms 12, nothing changes in acme.')
  })

  it.each([
    [401, '', 'answers 401 for it.'],
    [404, '/', 'answers 404 for it: it was never published there.'],
  ])('tells an answer of %i of the host, at an address that ends with %j', async (status, end, told) => {
    vi.stubEnv('SITEWRIGHT_OPERATOR_TOKEN', 'a-token')
    const paths: (string | undefined)[] = []
    await using server = createServer((request, response) => {
      paths.push(request.url)
      response.writeHead(status).end('{}')
    })
    const url = `http://127.0.0.1:${await listening(server)}${end}`
    const message = `lms 13 is in no file beside the extension, and ${url} ${told}`
    await expect(run({ url })).rejects.toEqual(new BadInput(message))
    expect(paths).toEqual(['/v1/operator/blueprints/lms/versions/13'])
  })

  it('refuses a version that it cannot find, and a file that extends nothing', async () => {
    await expect(run()).rejects.toThrow(BadInput)
    await expect(run()).rejects.toThrow('lms 13 is in no file beside the extension, and cannot be read from the host')
    file = join(directory, 'lms-12.yaml')
    await expect(run()).rejects.toThrow('lms-12.yaml extends no blueprint.')
  })
})

it('begins a file that extends another one', async () => {
  await writeFile(file, await writeExtension(join(directory, 'lms-12.yaml'), 'acme'))
  await write('lms.yaml', lms(13))
  expect((await run()).text).toContain('containers.web.image: lms:12 → lms:13')
})
