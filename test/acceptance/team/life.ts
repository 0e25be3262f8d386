import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import * as z from 'zod'
import { findFreePort } from '../../../local/engine/engine-place.ts'
import { httpCall } from '../../support/http-call.ts'
import { awaitValue, check } from '../expectations.ts'
import type { Timeline } from '../timeline.ts'
import { type Application, stopSeconds, type Visit } from './applications.ts'
import { ciScript } from './ci-script.ts'
import { type Installed, isContainers, type Person, run, start } from './person.ts'

interface Scene {
  readonly timeline: Timeline
  readonly installed: Installed
  readonly owner: Person
  readonly viewer: Person
}

const entranceSchema = z.looseObject({ url: z.string() })
const environmentSchema = z.looseObject({ id: z.string(), url: z.string() })
const statusSchema = z.looseObject({ isReachable: z.boolean(), version: z.int(), commit: z.string() })
const sitesSchema = z.looseObject({ sites: z.array(z.looseObject({ id: z.string(), slug: z.string() })) })
const tokenSchema = z.looseObject({ token: z.string() })

const bytesOf = async (file: string): Promise<Buffer> => {
  if (!file.endsWith('.zst')) return readFile(file)
  const options = { encoding: 'buffer', maxBuffer: 2 ** 30 } as const
  return (await promisify(execFile)('zstd', ['--decompress', '--stdout', file], options)).stdout
}

/** All files that a host has of a site, its copies unpacked. @returns how many, and which of some texts they have. */
const findInFiles = async (home: string, siteId: string, texts: readonly string[]) => {
  const entries = await readdir(home, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
  const contents = await Promise.all(paths.filter((path) => path.includes(siteId)).map(bytesOf))
  return { files: contents.length, found: texts.filter((text) => contents.some((content) => content.includes(text))) }
}

/** Plays one application, from the machine of a developer to a way back in production. */
export const tellApplication = async ({ timeline, installed, owner, viewer }: Scene, application: Application) => {
  const { name, directory, packages, add, list, remove } = application
  const [command, brokenCommand, complaint] = application.broken
  const { SITEWRIGHT_HOME: home, SITEWRIGHT_URL: origin, PATH } = installed.environment
  const step = (label: string, act: () => Promise<string>) => timeline.step(`${name}: ${label}`, act, (note) => note)
  const by = (person: Person, words: readonly string[], code = 0) => {
    const account = { SITEWRIGHT_ACCOUNT: owner.accountId }
    return run(['sitewright', ...words], directory, { ...person.environment, ...account }, code)
  }
  const sitewright = (...words: readonly string[]) => by(owner, words)
  /** Only the last line is the result; others say what goes on. */
  const json = async <Read>(schema: z.ZodType<Read>, words: readonly string[], person = owner): Promise<Read> =>
    schema.parse(JSON.parse((await by(person, ['--json', ...words])).trim().split('\n').at(-1) ?? ''))
  const git = (...words: readonly string[]) =>
    run(['git', '-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...words], directory, owner.environment)
  const commit = async (message: string): Promise<string> => {
    await git('add', '--all')
    await git('commit', '--quiet', '--message', message)
    return (await git('rev-parse', 'HEAD')).trim()
  }
  const enter = async (environment: string, person = owner): Promise<Visit> => {
    const { url } = await json(entranceSchema, ['env', 'open', environment], person)
    const { cookie = '' } = await httpCall({ url })
    return { url: new URL('/', url).href, cookie }
  }
  const requireTexts = async (at: Visit, expected: readonly string[]): Promise<void> =>
    check('texts', (await list(at)).toSorted(), expected.toSorted())
  /** What production runs, with the data of its customers. */
  const requireProduction = async (hash: string): Promise<string> => {
    await requireTexts(production, kept)
    const { isReachable, commit: found, version } = await json(statusSchema, ['status'])
    check('what production runs', [isReachable, found], [true, hash])
    return `production runs version ${version}, commit ${hash.slice(0, 8)}`
  }

  await step('check', async () => {
    await git('init', '--quiet', '--initial-branch', 'main')
    await mkdir(join(directory, 'ci'))
    await cp(installed.tarball, join(directory, 'ci/sitewright.tgz'))
    await writeFile(join(directory, '.gitignore'), `/${packages}\n`)
    await writeFile(join(directory, '.dockerignore'), '.git\nci\n')
    return (await sitewright('check')).trim().replaceAll('\n', '; ')
  })
  await step('dev', async () => {
    const url = `http://127.0.0.1:${await findFreePort()}`
    const words = ['sitewright', 'dev', '--port', new URL(url).port, ...(isContainers ? [] : ['--processes'])]
    const during = async (act: () => Promise<void>): Promise<number> => {
      const { child, output, end } = start(words, directory, owner.environment)
      await awaitValue('that it is ready', async () => output().includes('Ready: http') || output(), true, 100)
      await act()
      check('that it starts again without a change', output().includes('changed: starting again'), false)
      const toldAt = performance.now()
      child.kill('SIGINT')
      await end
      await httpCall({ url }).then(
        ({ status }) => check('what answers afterwards', status, undefined),
        () => undefined,
      )
      return Math.round(performance.now() - toldAt)
    }
    await during(() => add({ url }, ['on this machine']))
    const milliseconds = await during(() => requireTexts({ url }, ['on this machine']))
    check(`that ${milliseconds} ms are less than ${stopSeconds} s`, milliseconds < stopSeconds * 1000, true)
    return `ran here twice with its data, and ended ${milliseconds} ms after it was told to`
  })

  const first = await commit('The application')
  await step('deploy', async () => {
    const { url } = await json(entranceSchema, ['deploy'])
    check('status for strangers', (await httpCall({ url })).status, 403)
    return `${url}, closed to strangers`
  })
  const { id: siteId = '' } = (await owner.call('/v1/sites', sitesSchema)).sites.find(({ slug }) => slug === name) ?? {}
  const production = await enter('production')
  const canaries = Array.from({ length: 8 }, () => `canary-${randomUUID()}`)
  const [deleted, kept] = [canaries.slice(4), canaries.slice(0, 4)]
  await step('customers write', async () => {
    await add(production, canaries)
    for (const text of deleted) await remove(production, text)
    await requireTexts(production, kept)
    return `${canaries.length} canaries, and delete ${deleted.length}`
  })

  await step('CI deploys a branch', async () => {
    const branch = 'feature/search'
    await git('branch', branch)
    const { token } = await owner.call('/v1/team/tokens', tokenSchema, { name: 'CI', role: 'developer', siteId })
    const ci = { SITEWRIGHT_URL: origin, SITEWRIGHT_HOME: home, SITEWRIGHT_TOKEN: token, BRANCH: branch }
    const after = async (action: 'opened' | 'closed'): Promise<string> => {
      const checkout = join(installed.directory, `${name}-${action}`)
      await git('clone', '--quiet', '--branch', branch, directory, checkout)
      await run(['cp', '--archive', '--link', join(directory, packages), checkout], directory, { PATH })
      const environment = { PATH, HOME: checkout, npm_config_prefix: join(checkout, '.npm'), ...ci }
      await run(['bash', '--norc', '-euo', 'pipefail', '-c', await ciScript(action)], checkout, environment)
      return /^feature-search.*$/m.exec(await sitewright('env', 'list'))?.[0] ?? ''
    }
    const [environment = ''] = (await after('opened')).split(':')
    await requireTexts(await enter(environment), [application.seeded])
    check('that it is deleted at the merge', (await after('closed')).includes('deleted'), true)
    return `${environment} had its seed, and is deleted at the merge`
  })
  const { id: cloneId, url: cloneUrl } = await timeline.step(`${name}: clone`, () =>
    json(environmentSchema, ['env', 'create', 'masked', '--fresh']),
  )
  await step('the clone is anonymised', async () => {
    await requireTexts(
      await enter('masked'),
      kept.map((_, index) => application.anonymised(index + 1)),
    )
    const inProduction = await findInFiles(home, siteId, canaries)
    check('canaries in the files of production', inProduction.found, canaries)
    const inClone = await findInFiles(home, cloneId, canaries)
    check('canaries in the files of the clone', [inClone.found, inClone.files > 0], [[], true])
    return `${inClone.files} files of it have no canary; those of production have all ${canaries.length}`
  })
  await step('a viewer visits it', async () => {
    const visit = await enter('masked', viewer)
    check('where', visit.url, new URL('/', cloneUrl).href)
    check('how many texts', (await list(visit)).length, kept.length)
    return `${(await by(viewer, ['deploy', 'masked'], 4)).trim().split('\n').at(-1)}`
  })

  await writeFile(join(directory, 'NOTES.md'), 'The second version.\n')
  const second = await commit('The second version')
  await step('promote', async () => {
    await sitewright('deploy', 'qa')
    await requireProduction(first)
    await sitewright('promote', 'qa', 'production')
    return requireProduction(second)
  })
  await step('a bad deploy goes back', async () => {
    const file = join(directory, 'sitewright.yaml')
    const good = await readFile(file, 'utf8')
    await writeFile(file, good.replaceAll(command, brokenCommand))
    const text = await by(owner, ['deploy'], 1)
    await writeFile(file, good)
    const cause = /does not work. The site runs as before.\n(.*)\n/.exec(text)?.[1]
    check(`a cause and '${complaint}' in: ${text}`, [cause !== undefined, text.includes(complaint)], [true, true])
    return `${await requireProduction(second)}; ${cause}`
  })
  await step('rollback', async () => {
    await sitewright('rollback')
    return requireProduction(first)
  })
  await step('explain', async () => {
    const text = await sitewright('explain')
    const missing = [first.slice(0, 12), second.slice(0, 12), complaint].filter((words) => !text.includes(words))
    check(`what is missing in: ${text}`, missing, [])
    return `\n${text.replaceAll(/^/gm, '      ')}`
  })
}
