import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openArchiveDirectory } from '../../../adapters/files/archive-store.ts'
import { temporaryPaths } from '../../../bin/command-line/run-to-end.ts'
import { file, forge } from '../../adapters/archiver/forge.ts'
import { archiveId, siteId } from '../../adapters/archiver/scene.ts'
import { temporaryDirectory } from '../../e2e/temporary-directory.ts'
import { waitFor } from '../../support/wait-for.ts'

const repository = resolve(import.meta.dirname, '../../..')

/**
 * Has a command do some work, and interrupts it once it has printed `ready` or the file is there.
 * @param work has `at(name)` for a path in the directory, and `never` to wait for.
 * @returns what is left of what it made, and what it said.
 */
const interrupt = async (
  directory: string,
  work: string,
  {
    options = {},
    signals = ['SIGINT'],
    path = '',
  }: { options?: object; signals?: NodeJS.Signals[]; path?: string } = {},
) => {
  for (const name of ['made', 'tmp']) await mkdir(join(directory, name), { recursive: true })
  const program = join(directory, 'command.mts')
  const from = (name: string) => JSON.stringify(join(repository, name))
  await writeFile(
    program,
    `import { mkdirSync, writeFileSync } from 'node:fs'
     import { Readable } from 'node:stream'
     import { runToEnd, temporaryPaths } from ${from('bin/command-line/run-to-end.ts')}
     import { openArchiveDirectory } from ${from('adapters/files/archive-store.ts')}
     import { exportBundle } from ${from('bin/site/move-bundle.ts')}
     import { exportSite } from ${from('bin/sitewright/export.ts')}
     import { pushSaved } from ${from('bin/sitewright/push.ts')}
     const at = (name) => ${JSON.stringify(`${directory}/`)} + name
     const never = new Promise(() => {})
     setInterval(() => {}, 1000)
     await runToEnd(async (signal) => { ${work} }, ${JSON.stringify(options)})`,
  )
  const command = spawn(process.execPath, [program], {
    env: { ...process.env, TMPDIR: join(directory, 'tmp'), PATH: `${path}:${process.env['PATH']}`, AT: directory },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = once(command, 'close')
  let said = ''
  const left = [...signals]
  const next = () => {
    const signal = left.shift()
    if (signal !== undefined) command.kill(signal)
  }
  for (const stream of [command.stdout, command.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text
      for (const _ of text.match(/^(?:ready|again)$/gm) ?? []) next()
    })
  }
  await ended
  const found = await Promise.all(['made', 'tmp'].map((name) => readdir(join(directory, name))))
  return { code: command.exitCode, left: found.flat(), said: said.replace(/^(?:ready|again)\n/gm, '') }
}

const ready = "console.log('ready')"

describe('temporary paths', () => {
  it('are removed with what has them, unless they were kept', async () => {
    await using directory = await temporaryDirectory()
    const at = (name: string) => join(directory.path, name)
    const make = async (isKept: boolean) => {
      await using made = temporaryPaths(at('one'), at('none'))
      made.add(at('two'))
      for (const name of ['one', 'two']) await mkdir(join(at(name), 'inside'), { recursive: true })
      if (isKept) made.keep()
    }
    await make(false)
    expect(await readdir(directory.path)).toEqual([])
    await make(true)
    expect(await readdir(directory.path)).toEqual(['one', 'two'])
  })

  it('are removed with a command that is interrupted, though it goes on to write, unless they were kept', async () => {
    await using directory = await temporaryDirectory()
    const write = "mkdirSync(at('made/one/deep'), { recursive: true }); writeFileSync(at('made/one/deep/secret'), '')"
    const ended = await interrupt(
      directory.path,
      `temporaryPaths(at('made/one')); temporaryPaths(at('made/two')).keep()
       mkdirSync(at('made/two')); setInterval(() => { ${write} }, 0); ${write}; ${ready}; await never`,
    )
    expect(ended).toEqual({ code: 130, left: ['two'], said: '' })
  })
})

describe('a command that is interrupted', () => {
  it('leaves no credentials of a registry, and ends the program that pushes', async () => {
    await using directory = await temporaryDirectory()
    const bin = join(directory.path, 'bin')
    await mkdir(bin)
    await writeFile(
      join(bin, 'docker'),
      `#!/bin/sh
       if [ "$1" = push ]; then ls "$DOCKER_CONFIG" > "$AT/had"; echo $$ > "$AT/pid"; exec sleep 100000; fi
       exit 0`,
    )
    await chmod(join(bin, 'docker'), 0o755)
    const ended = await interrupt(
      directory.path,
      `const access = { registry: 'localhost:1', repository: 'own', username: 'own', password: 'secret' }
       const { access: isThere } = await import('node:fs/promises')
       const look = setInterval(() => isThere(at('pid')).then(() => { clearInterval(look); ${ready} }, () => {}), 20)
       await pushSaved({ web: 'web.tar' }, async () => access, { name: (one) => one, note: () => {} })`,
      { signals: ['SIGTERM'], path: bin },
    )
    expect(await readFile(join(directory.path, 'had'), 'utf8')).toBe('config.json\n')
    expect(ended).toEqual({ code: 143, left: [], said: '' })
    const pid = Number(await readFile(join(directory.path, 'pid'), 'utf8'))
    await waitFor(async () => (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')) === '')
  })

  it('leaves nothing of an export for its owner', async () => {
    await using directory = await temporaryDirectory()
    const ended = await interrupt(
      directory.path,
      `const blueprint = {
         ...{ name: 'shop', version: 1, title: 'Shop', access: 'public', traffic: { container: 'web' } },
         ...{ containers: [{ name: 'web', image: 'web:1' }], data: { mode: 'exclusive' } },
       }
       const copy = { id: 'arc_1', at: '2026-01-31T09:30:00.000Z', kind: 'owner', bytes: 5, blueprint: { name: 'shop', version: 1 } }
       const api = async ({ path }, schema) => {
         if (path.endsWith('/export')) return schema.parse({
           ...{ slug: 'shop', version: 1, commit: null, file: { containers: [{ name: 'web', build: { context: '.' } }] }, blueprint, images: {}, variables: {}, facts: {} },
           ...{ generated: [], given: [], dataSecrets: [], pull: null },
         })
         if (path.endsWith('/archives')) return { archives: [copy] }
         return { url: 'http://x/content', manifestUrl: 'http://x/manifest' }
       }
       // The data comes, and does not end.
       globalThis.fetch = async (url) => {
         const body = (async function* () { yield Buffer.from('data'); if (url.endsWith('content')) { ${ready}; await never } })()
         return { ok: true, status: 200, body }
       }
       await exportSite({ api, site: { id: 'site_1', slug: 'shop', status: 'active' }, source: '', to: at('made/shop'), fresh: false, note: () => {} })`,
    )
    expect(ended).toEqual({ code: 130, left: [], said: '' })
  })

  it('leaves nothing of a bundle, if it is told twice', async () => {
    await using directory = await temporaryDirectory()
    await forge(await openArchiveDirectory(join(directory.path, 'archives')), [file('entries', 'of a visitor')])
    const ended = await interrupt(
      directory.path,
      `const archives = await openArchiveDirectory(at('archives'), { isShared: true })
       const opened = new Map()
       const open = async (key) => {
         opened.set(key, (opened.get(key) ?? 0) + 1)
         if (!key.endsWith('manifest.jsonl') || opened.get(key) === 1) return archives.open(key)
         // The data is copied, and the manifest does not end.
         return (async function* () { yield Buffer.from('{'); ${ready}; signal.addEventListener('abort', () => console.log('again')); await never })()
       }
       const site = { siteId: '${siteId}', archive: { id: '${archiveId}' } }
       const call = async () => ({ site, secrets: [], sealed: { generated: {}, set: {} } })
       await exportBundle({
         ...{ call, siteId: site.siteId, to: at('made/shop'), reason: 'a test', pause: () => never, print: console.log },
         installation: { archives: { ...archives, open }, secrets: {}, secretOpener: {} },
       })`,
      { options: { cleansUp: true, patience: 600_000 }, signals: ['SIGINT', 'SIGINT'] },
    )
    expect(ended).toEqual({ code: 130, left: [], said: '' })
  })
})
