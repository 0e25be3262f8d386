import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { describe, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { parseBlueprint } from '../../../core/blueprint/blueprint.ts'
import { directoryForAll } from '../../support/temporary-directories.ts'
import { waitFor } from '../../support/wait-for.ts'

const repository = resolve(import.meta.dirname, '../../..')
const directory = await directoryForAll()
await mkdir(join(directory, 'shop'))
await writeFile(join(directory, 'shop/Dockerfile'), 'FROM scratch\nEXPOSE 3000\nCMD ["node", "server.js"]\n')

const begin = (parameters: readonly string[], temporary = directory) => {
  const child = spawn(process.execPath, [join(repository, 'bin/blueprint.ts'), ...parameters], {
    cwd: directory,
    env: { ...process.env, TMPDIR: temporary },
  })
  let output = ''
  let complaints = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text
  })
  return { child, ended: once(child, 'close'), output: () => output, complaints: () => complaints }
}

const run = async (...parameters: readonly string[]) => {
  const { child, ended, output, complaints } = begin(parameters)
  await ended
  return { code: child.exitCode, output: output(), complaints: complaints() }
}

/** Begins to try a blueprint of plain processes, with a temporary directory of its own. */
const beginTry = async (name: string, containers: readonly object[]) => {
  const temporary = join(directory, name)
  await mkdir(temporary)
  const blueprint = {
    name,
    version: 1,
    title: 'Tried',
    access: 'public',
    containers: containers.map((container) => ({ image: 'none:1', ...container })),
    traffic: { container: 'web', healthPath: '/healthz' },
    data: { mode: 'exclusive' },
  }
  const file = `${name}.yaml`
  await writeFile(join(directory, file), stringify(blueprint))
  const begun = begin(['try', file, '--runtime', 'processes'], temporary)
  return { ...begun, left: () => readdir(temporary) }
}

describe.concurrent('npm run blueprint', () => {
  it('ends with 2 for bad input', async ({ expect }) => {
    const runs = [
      await run('init', '--dockerfile', 'none'),
      await run('try', 'none.yaml'),
      await run('try', 'none.yaml', '--runtime', 'vm'),
    ]
    expect(runs.map(({ code, output }) => [code, output])).toEqual(runs.map(() => [2, '']))
    expect(runs[1]?.complaints.trim().split('\n')).toHaveLength(1)
  })

  it('writes a blueprint to the terminal, or to a file that does not exist', async ({ expect }) => {
    const { code, output } = await run('init', '--dockerfile', 'shop/Dockerfile', '--name', 'store')
    expect(code).toBe(0)
    expect(parseBlueprint(parse(output), 'output')).toMatchObject({ name: 'store', traffic: { port: 3000 } })
    const file = join(directory, 'kept.yaml')
    await writeFile(file, 'kept')
    expect((await run('init', '--dockerfile', 'shop/Dockerfile', '--out', file)).code).toBe(2)
    expect(await readFile(file, 'utf8')).toBe('kept')
  })

  it('removes the site when it is interrupted', async ({ expect }) => {
    const elsewhere = { command: ['node', 'tried-site.mjs', 'elsewhere'], directory: join(repository, 'test/support') }
    const { child, ended, output, complaints, left } = await beginTry('elsewhere', [
      { name: 'web', process: elsewhere },
    ])
    await waitFor(async () => output().includes('So far, '))
    child.kill('SIGINT')
    await ended
    expect([child.exitCode, complaints().trim()]).toEqual([130, 'Interrupted: the site was removed.'])
    expect(await left()).toEqual([])
  })

  const server = { name: 'web', process: { command: ['node', '-e', 'setInterval(() => {}, 1000)'] } }
  it.for<[string, object[], string]>([
    [
      'missing-program',
      [{ name: 'web', process: { command: ['/no/such/program'] } }],
      "The process 'web' cannot be started",
    ],
    [
      'ended-database',
      [
        { ...server, after: ['database'] },
        { name: 'database', process: { command: ['node', '-e', 'process.exit(3)'] }, health: { command: ['false'] } },
      ],
      "The container 'database' ended with exit code 3",
    ],
  ])('ends with 1 and says why where a start is refused: %s', async ([name, containers, reason], { expect }) => {
    const { child, ended, output, left } = await beginTry(name, containers)
    await ended
    expect(output()).toContain(reason)
    expect([child.exitCode, await left()]).toEqual([1, []])
  })
})
