import { cp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import type { Call } from '../../support/http-call.ts'
import { ask, isContainers, run } from './person.ts'

/** Where somebody who was let in visits an application. */
export interface Visit {
  readonly url: string
  readonly cookie?: string
}

interface Outside {
  readonly host: string
  readonly port: number
}

export interface Application {
  readonly name: string
  readonly directory: string
  /** What npm or pip installed there. */
  readonly packages: string
  /** What its file has and what breaks it, and what the application says of that. */
  readonly broken: readonly [command: string, by: string, complaint: string]
  /** What its visitors keep in it, as texts. */
  readonly add: (at: Visit, texts: readonly string[]) => Promise<void>
  readonly list: (at: Visit) => Promise<readonly string[]>
  readonly remove: (at: Visit, text: string) => Promise<void>
  /** What its seed writes, and what the anonymisation makes of so many texts. */
  readonly seeded: string
  readonly anonymised: (number: number) => string
}

const asking =
  (headers: Readonly<Record<string, string>> = {}) =>
  async <Read>({ url, cookie = '' }: Visit, path: string, schema: z.ZodType<Read>, more: Partial<Call> = {}) =>
    (await ask({ ...more, url: new URL(path, url).href, headers: { cookie, ...headers } }, [200, 201], schema)).body

/** Then what does not end by itself is killed: much longer than an end takes, on a busy machine too. */
export const stopSeconds = 60

const environments = (program: string, masked = ''): string => `data: { mode: exclusive }
seed: { command: [${program}, seed] }
anonymise: { command: [${program}, dump], load: [${program}, load] }
environments:
  production: { variables: { LOG_LEVEL: warn } }
  qa: { expires: never }
  feature/*: { expires: 7d, data: seed }
  masked: { data: anonymised${masked} }
`

const copyOf = async (parent: string, name: string, files: Readonly<Record<string, string>>): Promise<string> => {
  const directory = join(parent, name)
  await cp(new URL(name, import.meta.url), directory, { recursive: true })
  for (const [file, text] of Object.entries(files)) await writeFile(join(directory, file), text)
  return directory
}

const peopleSchema = z.looseObject({
  rows: z.array(
    z.looseObject({ id: z.string(), value: z.object({ rev: z.string() }), doc: z.looseObject({ name: z.string() }) }),
  ),
})

/** PouchDB Server: a database with an HTTP API, in Node, which keeps its data in SQLite. */
const makeCouch = async (parent: string): Promise<Application> => {
  const program = "[node, start.cjs, --host, '${HOST}', --port, '${PORT}', --dir, ., --sqlite, --no-color]"
  const directory = await copyOf(parent, 'couch', {
    // This SQLite works with every Node.
    'package.json':
      '{"name": "couch", "private": true, "dependencies": {"pouchdb-server": "4.2.0"}, "overrides": {"sqlite3": "5.1.7"}}',
    'sitewright.yaml': `name: couch
title: Couch
containers:
  - name: web
    build: { context: . }
    command: ${program}
    process: { command: ${program}, directory: . }
traffic: { container: web, startSeconds: 30, stopSeconds: ${stopSeconds} }
${environments('node, data.cjs')}`,
  })
  // Where SQLite cannot be downloaded, it is compiled.
  await run(['npm', 'install', '--no-audit'], directory, { ...process.env, CFLAGS: '-O0', CXXFLAGS: '-O0' })
  const call = asking()
  const rows = async (at: Visit) => (await call(at, '/people/_all_docs?include_docs=true', peopleSchema)).rows
  return {
    ...{ name: 'couch', directory, packages: 'node_modules' },
    broken: ['start.cjs', 'begin.cjs', 'Cannot find module'],
    add: async (at, names) => {
      await call(at, '/people', z.unknown(), { method: 'PUT' })
      for (const name of names) await call(at, '/people', z.unknown(), { method: 'POST', body: { name } })
    },
    list: async (at) => (await rows(at)).map(({ doc }) => doc.name),
    remove: async (at, name) => {
      const { id, value } = (await rows(at)).find(({ doc }) => doc.name === name) ?? {}
      await call(at, `/people/${id}?rev=${value?.rev}`, z.unknown(), { method: 'DELETE' })
    },
    ...{ seeded: 'Grace', anonymised: (number) => `Person ${number}` },
  }
}

const projectSchema = z.array(z.looseObject({ id: z.int(), what: z.string() }))

/** I Hate Money: shared budgets, in Python, here with Postgres. */
const makeBudgets = async (parent: string, outside: Outside | undefined): Promise<Application> => {
  const reach =
    outside === undefined ? '' : `, outbound: internet, variables: { OUTSIDE: '${outside.host}:${outside.port}' }`
  const directory = await copyOf(parent, 'budgets', {
    'sitewright.yaml': `name: budgets
title: Budgets
containers:
  - name: web
    build: { context: . }
    command: [gunicorn, --bind, '\${HOST}:\${PORT}', --threads, '4', --no-control-socket, 'ihatemoney.wsgi:application']
    after: [database]
    environment: { IHATEMONEY_SETTINGS_FILE_PATH: '\${FILES_DIRECTORY}/ihatemoney.cfg', PYTHONPATH: /budgets/packages }
    files:
      ihatemoney.cfg: |
        SQLALCHEMY_DATABASE_URI = 'postgresql+pg8000://miniflux:\${secret.DB_PASSWORD}@127.0.0.1/postgres'
        SECRET_KEY = '\${secret.SECRET_KEY}'
        ALLOW_PUBLIC_PROJECT_CREATION = True
        ACTIVATE_DEMO_PROJECT = False
    secrets: [SECRET_KEY, DB_PASSWORD]
  - name: database
    build: { context: ., dockerfile: postgres.Dockerfile }
    environment: { POSTGRES_PASSWORD: '\${secret.DB_PASSWORD}' }
    secrets: [DB_PASSWORD]
    health: { command: [pg_isready, --host, 127.0.0.1] }
traffic: { container: web, startSeconds: 60, stopSeconds: ${stopSeconds} }
dataSecrets: [DB_PASSWORD]
${environments('python, data.py', reach)}`,
  })
  await run(['python3', '-m', 'pip', 'install', '--quiet', '--target', 'packages', 'pg8000'], directory, process.env)
  const authorization = `Basic ${Buffer.from('trip:for this project').toString('base64')}`
  const call = asking({ authorization })
  const bills = (at: Visit) => call(at, '/api/projects/trip/bills', projectSchema)
  const post = (at: Visit, path: string, body: object) =>
    call(at, `/api/projects${path}`, z.unknown(), { method: 'POST', body })
  return {
    ...{ name: 'budgets', directory, packages: 'packages' },
    broken: ['wsgi:application', 'wsgi:applications', 'Failed to find attribute'],
    add: async (at, texts) => {
      const project = { id: 'trip', name: 'Trip', password: 'for this project', contact_email: 'ada@example.com' }
      await post(at, '', { ...project, default_currency: 'XXX' })
      await post(at, '/trip/members', { name: 'Ada' })
      const bill = { date: '2026-01-31', payer: 1, payed_for: [1], amount: 12.5 }
      for (const what of texts) await post(at, '/trip/bills', { ...bill, what })
    },
    list: async (at) => (await bills(at)).map(({ what }) => what),
    remove: async (at, text) => {
      const id = (await bills(at)).find(({ what }) => what === text)?.id
      await call(at, `/api/projects/trip/bills/${id}`, z.unknown(), { method: 'DELETE' })
    },
    ...{ seeded: 'Bill 1', anonymised: (number) => `Bill ${number}` },
  }
}

/** The applications of the story: those that can be plain processes, or all. */
export const makeApplications = async (
  parent: string,
  outside: Outside | undefined,
): Promise<readonly Application[]> => {
  const couch = await makeCouch(parent)
  return isContainers ? [couch, await makeBudgets(parent, outside)] : [couch]
}
