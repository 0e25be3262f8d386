import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { readSiteFile } from '../../bin/sitewright/read-file.ts'
import { packCommandLine } from '../../tools/pack-command-line.ts'
import { startHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'
import { call } from './call.ts'
import { temporaryDirectory } from './temporary-directory.ts'
import { mailTo } from './visitor.ts'

const page = await readFile(new URL('../../docs/teams.md', import.meta.url), 'utf8')

/** The directory of a Node 20, or of the one that runs this. */
const nodeDirectory = (): string => {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'))
  const found = folders.find((folder) => {
    try {
      return execFileSync(join(folder, 'node'), ['--version'], { encoding: 'utf8' }).startsWith('v20.')
    } catch {
      return false
    }
  })
  return found ?? dirname(process.execPath)
}

it('every command of docs/teams.md works as it stands, in a fresh directory', async () => {
  const commands = [...page.matchAll(/```sh\n(.*?)```/gs)].map(([, block = '']) => block).join('\n')
  expect(commands.match(/^sitewright \w+/gm)?.length).toBeGreaterThan(6)
  await using fresh = await temporaryDirectory()
  await packCommandLine(fresh.path)
  await using host = await startHost({ env: { SITEWRIGHT_POOL_SIZE: '1' } })
  const node = nodeDirectory()
  await mkdir(join(fresh.path, 'prefix'))
  const child = spawn('bash', ['--norc', '-euo', 'pipefail', '-c', commands.replaceAll(':4000', `:${host.port}`)], {
    cwd: fresh.path,
    env: {
      PATH: [join(fresh.path, 'prefix/bin'), node, '/usr/bin', '/bin'].join(delimiter),
      HOME: fresh.path,
      npm_config_prefix: join(fresh.path, 'prefix'),
      SITEWRIGHT_HOME: host.home,
    },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  const exited = once(child, 'exit')
  const code = await waitFor(async () => {
    if (child.exitCode !== null) return 'none'
    const [mail] = await mailTo(host, 'ada@example.com')
    return mail?.code
  })
  child.stdin.write(`${code}\n`)
  // The URL works once, within a minute: it is opened while the other commands run.
  const entered = waitFor(async () => {
    if (child.exitCode !== null) return 'none'
    const found = /^http:\/\/shop\.localhost\S+\n/m.exec(output)?.[0].trim()
    if (found === undefined) return undefined
    const { pathname, search } = new URL(found)
    return call(host, { at: 'shop.localhost', path: `${pathname}${search}` })
  })
  const [ended] = await exited
  expect(ended, output).toBe(0)
  expect(output).toContain('Version 1 is live: http://shop.localhost')
  expect(output).toContain('Version 1 is live: http://shop--qa.localhost')
  expect(output).toMatch(/^Version 1 is live: http:\/\/shop--feature-search-[0-9a-f]{6}\.localhost/m)
  expect(output).toContain('2 of 20 environments')
  expect(output).toContain('shop--qa is reachable')
  // The promotion, and the way back.
  expect(output).toContain('Version 2 is live: http://shop.localhost')
  expect(output).toContain('Version 3 is live: http://shop.localhost')
  expect(output).toMatch(/^demo: suspended, deleted, can be restored until /m)
  expect(output).toMatch(/^demo: active, ends /m)
  expect(output).toMatch(/^feature-clones-[0-9a-f]{6} pauses while it is copied/m)
  expect(output).toMatch(/^masked: active, ends /m)
  expect(output).toMatch(/^same: active, ends /m)
  expect(output).toContain('shop is reachable')
  expect(output).toContain('web | The shop is open')
  expect(output).toMatch(/deployment {2}Deployment of version 1 began \(by ada@example\.com\)/)
  expect(output).toMatch(/so far {5}[\d.]+ hours awake/)
  expect(output).toContain('none: this server has no price for an hour awake')
  expect(output).toContain('Version 3 and its data are in ../shop-export.')
  const exported = join(fresh.path, 'shop-export')
  expect((await readdir(exported)).toSorted()).toEqual(
    [
      '.env',
      'archive.manifest.jsonl',
      'archive.tar.zst',
      'bundle.json',
      'compose.yaml',
      'data',
      'images',
      'sitewright.yaml',
    ].toSorted(),
  )
  expect(await readFile(join(exported, 'compose.yaml'), 'utf8')).toContain(`context: "${join(fresh.path, 'shop')}"`)
  expect(output).toMatch(/^'shop-2' runs: http:\/\/shop-2\.localhost/m)
  expect(output).toContain("This export is 'shop-2' already. Nothing was changed.")
  const entrance = await entered
  expect(entrance).toMatchObject({ status: 303 })
  const cookie = entrance === 'none' ? '' : (entrance.headers['set-cookie']?.[0]?.split(';')[0] ?? '')
  expect(await call(host, { at: 'shop.localhost', path: '/', headers: { cookie } })).toMatchObject({
    status: 200,
    text: 'Hello from the shop\n',
  })
  const stranger = await call(host, { at: 'shop.localhost', path: '/' })
  expect(stranger.text).not.toContain('Hello from the shop')
})

it('the file of docs/teams.md is valid', async () => {
  await using fresh = await temporaryDirectory()
  const [, text = ''] = /```yaml\n(name: shop\n.*?)```/s.exec(page) ?? []
  const file = join(fresh.path, 'sitewright.yaml')
  await writeFile(file, text)
  expect(await readSiteFile(file)).toMatchObject({ file: { name: 'shop', access: 'owner' } })
})
