/**
 * Writes the generated pages of `docs/`.
 *
 *   node tools/generate-docs.ts           writes them
 *   node tools/generate-docs.ts --check   writes nothing, and fails if a page is outdated
 *   node tools/generate-docs.ts --types   writes the types of the API for the browser pages, which are not committed
 */

import { readdirSync, readFileSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import openapiTypescript, { astToString } from 'openapi-typescript'
import { unlessMissing } from '../adapters/durable-files/replace-file.ts'
import { type OperatorRole, operatorRoles } from '../core/events/actor.ts'
import { isFinal, type TransitionName, transitions } from '../core/site/lifecycle.ts'
import type { SiteStatus } from '../core/site/site.ts'
import { openApiDocument } from '../lambdas/http/openapi.ts'
import { functions, isHttp, operations, reservedOf, usualConcurrency } from '../lambdas/manifest.ts'
import { costDoc, scaleDoc } from '../test/cost/generate-cost.ts'

/** The compiler requires an entry for each status. */
const meanings: Readonly<Record<SiteStatus, string>> = {
  building: 'A workflow creates its storage and starts its containers, for an owner or for the pool.',
  ready: 'Running in the pool, without an owner.',
  active: 'It has an owner and serves visitors.',
  asleep: 'Nobody used it, so its containers are stopped. The next visitor wakes it.',
  failed: 'The build failed. Its hostname is free again, and its account can use the trial again.',
  suspended: 'Its containers are stopped; its data is in place.',
  archived: 'A verified copy of its data is kept; its containers and disk are deleted.',
  purged: 'Only a tombstone is left, which reserves its hostname.',
}

const names = Object.keys(transitions).filter((name): name is TransitionName => name in transitions)
const statuses = Object.keys(meanings).filter((status): status is SiteStatus => status in meanings)

/** Only transitions that change the status; the table below the diagram has all of them. */
const arrows = names.flatMap((name) => {
  const { from, to } = transitions[name]
  if (to === 'same') return []
  const origins: readonly string[] = from.length === 0 ? ['[*]'] : from
  return origins.map((origin) => `  ${origin} --> ${to}: ${name}`)
})
const ends = statuses.filter(isFinal).map((status) => `  ${status} --> [*]`)

const transitionRows = names.map((name) => {
  const { from, to, event } = transitions[name]
  const origins = from.map((status) => `\`${status}\``).join(', ') || 'none'
  const target = to === 'same' ? 'unchanged' : `\`${to}\``
  return `| ${name} | ${origins} | ${target} | \`${event}\` |`
})

/** Renders docs/lifecycle.md, a diagram and two tables, from the table of transitions. */
const lifecyclePage = (): string => `# Lifecycle of a site

<!-- Generated from core/site/lifecycle.ts. Change the table there, then run: node tools/generate-docs.ts -->

A site has one status. Each transition writes the new state and its event in one transaction, on condition of the version
and the status before. The diagram shows only transitions that change the status.

\`\`\`mermaid
stateDiagram-v2
${[...arrows, ...ends].join('\n')}
\`\`\`

| status | meaning |
| --- | --- |
${statuses.map((status) => `| \`${status}\` | ${meanings[status]} |`).join('\n')}

| transition | from | to | event |
| --- | --- | --- | --- |
${transitionRows.join('\n')}
`

const begin = '<!-- Generated from the manifest by tools/generate-docs.ts: '
const end = '<!-- End of the generated part -->'

/** What changes sites, their domains or their remains, or erases people. */
const changing = /^(sites|domains):write$|^domains:serve$|:(remove|erase)$/

/** The functions that change something without a request to the API: by the clock, events, state machines and routers. */
const automaticFunctions = functions
  .filter((definition) => !isHttp(definition) && definition.uses.some((capability) => changing.test(capability)))
  .toSorted((one, other) => one.name.localeCompare(other.name))

const loop = (names: readonly string[], command: string): string =>
  [
    `for FUNCTION in ${names.join(' ')}; do`,
    `  aws lambda ${command.replace('NAME', '--function-name sitewright-production-$FUNCTION')}`,
    'done',
  ].join('\n')

/** By how many of a function may run at once: what its deployment reserves. */
const byReservation = Map.groupBy(automaticFunctions, (one) => reservedOf(one, usualConcurrency))

const startAgain = (reserved: number | undefined): string =>
  loop(
    (byReservation.get(reserved) ?? []).map(({ name }) => name),
    reserved === undefined
      ? 'delete-function-concurrency NAME'
      : `put-function-concurrency NAME --reserved-concurrent-executions ${reserved}`,
  )

const inShell = (...commands: readonly string[]): string => ['```sh', ...commands, '```'].join('\n')

/** The compiler requires an entry for each role. */
const roles: Readonly<Record<OperatorRole, string>> = {
  support: 'customer support and daily operation',
  sales:
    'sales: sees the overview, sites, plans and webhooks, works with leads and reports, extends trials, agrees on plans with customers',
  admin: 'all operations',
}

const operatorRows = operations.flatMap(({ audience, method, path, roles: allowed = [], summary }) =>
  audience === 'operator'
    ? `| \`${method} ${path}\` | ${operatorRoles.map((role) => (allowed.includes(role) ? 'yes' : '')).join(' | ')} | ${summary} |`
    : [],
)

const generated: Readonly<Record<string, string>> = {
  stop: inShell(
    loop(
      automaticFunctions.map(({ name }) => name),
      'put-function-concurrency NAME --reserved-concurrent-executions 0',
    ),
  ),
  start: inShell(
    ...[...byReservation.keys()]
      .toSorted((one = Number.POSITIVE_INFINITY, other = Number.POSITIVE_INFINITY) => one - other)
      .map(startAgain),
  ),
  roles: ['| role | for |', '| --- | --- |', ...operatorRoles.map((role) => `| \`${role}\` | ${roles[role]} |`)].join(
    '\n',
  ),
  operations: [
    `| operation | ${operatorRoles.join(' | ')} | what it does |`,
    `| --- | ${operatorRoles.map(() => '---').join(' | ')} | --- |`,
    ...operatorRows,
  ].join('\n'),
}

/** A page as it stands, with its parts from the manifest. */
const withParts = (path: string): GeneratedDoc => {
  const page = readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')
  const part = new RegExp(`${begin}(\\w+) -->[^]*?${end}`, 'g')
  return {
    path,
    content: page.replaceAll(part, (_, name: string) => `${begin}${name} -->\n\n${generated[name]}\n\n${end}`),
  }
}

const decisions = new URL('../docs/adr/', import.meta.url)

/** All decisions, each with the later ones that refer to it: these may have changed it. */
const decisionsPage = (): string => {
  const found = readdirSync(decisions)
    .filter((name) => /^\d{4}-.*\.md$/.test(name))
    .toSorted()
    .map((name) => ({ name, number: Number(name.slice(0, 4)), text: readFileSync(new URL(name, decisions), 'utf8') }))
  const rows = found.map(({ name, number, text }) => {
    const title = /^# \d+\. (.+)$/m.exec(text)?.[1] ?? ''
    const later = found
      .filter((other) => other.number > number && other.text.includes(`(${name}`))
      .map((other) => `[${other.number}](${other.name})`)
    return `| ${number} | [${title}](${name}) | ${later.join(', ')} |`
  })
  return `# Decisions

<!-- Generated from the files of this folder. To update it, run: node tools/generate-docs.ts -->

Later decisions can change a part of an earlier one. The last column has those that refer to it.

| | decision | later |
| --- | --- | --- |
${rows.join('\n')}
`
}

export interface GeneratedDoc {
  /** From the root of the repository. */
  readonly path: string
  readonly content: string
}

export const repositoryRoot = resolve(import.meta.dirname, '..')

/** The types of the browser pages' client. */
const apiTypes = async (): Promise<GeneratedDoc> => {
  const openApi = JSON.stringify(await openApiDocument('http://localhost:4000'))
  return { path: 'web/api/openapi.d.ts', content: astToString(await openapiTypescript(openApi)) }
}

export const generatedDocs = async (): Promise<readonly GeneratedDoc[]> => [
  { path: 'docs/lifecycle.md', content: lifecyclePage() },
  withParts('docs/operators.md'),
  { path: 'docs/cost.md', content: await costDoc() },
  { path: 'docs/scale.md', content: scaleDoc() },
  withParts('docs/recovery.md'),
  { path: 'docs/adr/README.md', content: decisionsPage() },
]

/** The paths of pages that are missing or outdated below `root`. */
export const staleDocs = async (docs: readonly GeneratedDoc[], root: string): Promise<readonly string[]> => {
  const isCurrent = await Promise.all(
    docs.map(async ({ path, content }) => (await unlessMissing(readFile(resolve(root, path), 'utf8'))) === content),
  )
  return docs.flatMap(({ path }, index) => (isCurrent[index] ? [] : [path]))
}

export const writeDocs = async (docs: readonly GeneratedDoc[], root: string): Promise<void> => {
  for (const { path, content } of docs) {
    const file = resolve(root, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, content)
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { check: { type: 'boolean', default: false }, types: { type: 'boolean', default: false } },
  })
  if (values.types) {
    await writeDocs([await apiTypes()], repositoryRoot)
  } else {
    const docs = await generatedDocs()
    const stale = await staleDocs(docs, repositoryRoot)
    if (!values.check) {
      await writeDocs(docs, repositoryRoot)
      console.log(stale.length === 0 ? 'nothing changed' : `written: ${stale.join(', ')}`)
    } else if (stale.length > 0) {
      console.error(`not current: ${stale.join(', ')}. Run: node tools/generate-docs.ts`)
      process.exitCode = 1
    }
  }
}
